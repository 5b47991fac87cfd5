using KubeApps.Cli.Actions;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Tests.Actions;

public class AnnotationsTests
{
    [Theory]
    // As compilers tell it, as the tool does, and what is in no repository.
    [InlineData("/work/repo/src/Shop/KubeApp.cs", "file=src/Shop/KubeApp.cs,line=3,title=KUBEAPP1020::It is wrong. Mend it.")]
    [InlineData("KubeApp.cs", "file=src/Shop/KubeApp.cs,line=3,title=KUBEAPP1020::It is wrong. Mend it.")]
    [InlineData("../Shared/Defaults.cs", "file=src/Shared/Defaults.cs,line=3,title=KUBEAPP1020::It is wrong. Mend it.")]
    [InlineData("..hidden/KubeApp.cs", "file=src/Shop/..hidden/KubeApp.cs,line=3,title=KUBEAPP1020::It is wrong. Mend it.")]
    [InlineData("/tmp/bundle/env/prod/web.yaml", "title=KUBEAPP1020::/tmp/bundle/env/prod/web.yaml(3): It is wrong. Mend it.")]
    [InlineData("/work/repository/KubeApp.cs", "title=KUBEAPP1020::/work/repository/KubeApp.cs(3): It is wrong. Mend it.")]
    public void Write_OfAPlace_PointsIntoTheRepository(string file, string expected)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Other paths.");

        var text = Runner.Log(log => new Annotations(log, "/work/repo", "/work/repo/src/Shop").Write(
            new Diagnostic("KUBEAPP1020", DiagnosticSeverity.Error, "It is wrong.", new SourceLocation(file, 3), "Mend it.")));

        Assert.Equal($"::error {expected}\n", text);
    }

    [Fact]
    public void Write_OfMoreThanGitHubShows_LeavesTheRestToTheLogAndRepeatsNothing()
    {
        var text = Runner.Log(log =>
        {
            var annotations = new Annotations(log, null, "/");
            foreach (var index in Enumerable.Range(0, 12).Append(3))
                foreach (var severity in (DiagnosticSeverity[])[DiagnosticSeverity.Error, DiagnosticSeverity.Warning])
                    annotations.Write(new Diagnostic("KUBEAPP1020", severity, $"It is wrong {index}.", null, ""));
        });

        var obeyed = Runner.Obeyed(text);
        Assert.Equal((10, 10), (obeyed.Count(line => line.StartsWith("::error ", StringComparison.Ordinal)), obeyed.Count(line => line.StartsWith("::warning ", StringComparison.Ordinal))));
        Assert.Equal(
            ["error KUBEAPP1020: It is wrong 10.", "warning KUBEAPP1020: It is wrong 10.", "error KUBEAPP1020: It is wrong 11.", "warning KUBEAPP1020: It is wrong 11."],
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(obeyed));
    }
}
