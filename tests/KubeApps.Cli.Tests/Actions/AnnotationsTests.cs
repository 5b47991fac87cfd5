using KubeApps.Cli.Actions;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Tests.Actions;

public class AnnotationsTests
{
    [Theory]
    // As compilers tell it, as the tool does, and what is in no repository.
    [InlineData("/checkout/shop/src/Shop/KubeApp.cs", "file=src/Shop/KubeApp.cs,line=3,title=KUBEAPP1020::It is wrong. Mend it.")]
    [InlineData("KubeApp.cs", "file=src/Shop/KubeApp.cs,line=3,title=KUBEAPP1020::It is wrong. Mend it.")]
    [InlineData("../Shared/Defaults.cs", "file=src/Shared/Defaults.cs,line=3,title=KUBEAPP1020::It is wrong. Mend it.")]
    [InlineData("..hidden/KubeApp.cs", "file=src/Shop/..hidden/KubeApp.cs,line=3,title=KUBEAPP1020::It is wrong. Mend it.")]
    [InlineData("/tmp/bundle/env/prod/web.yaml", "title=KUBEAPP1020::/tmp/bundle/env/prod/web.yaml(3): It is wrong. Mend it.")]
    [InlineData("/checkout/shopping/KubeApp.cs", "title=KUBEAPP1020::/checkout/shopping/KubeApp.cs(3): It is wrong. Mend it.")]
    public void Write_OfAPlace_PointsIntoTheRepository(string file, string expected)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Other paths.");

        var text = Runner.Log(log => new Annotations(log, "/checkout/shop", "/checkout/shop/src/Shop").Write(
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

    [Fact]
    public void Write_OfAnObjectInAFolderThatLeadsIntoItself_EndsAndPointsThereOnce()
    {
        using var folder = new TemporaryFolder();
        folder.Write("KubeApp.cs", "class Shop : KubeApp;\n");
        folder.Write("KubeApp/Web.cs", "\nnew Deployment(\"web\")\n");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "KubeApp", "again"), Path.Combine(folder.Path, "KubeApp"));

        var text = Runner.Log(log => new Annotations(log, folder.Path, folder.Path).Write(new Diagnostic("KUBEAPP6012", DiagnosticSeverity.Error, "Deployment shop/web: it ends.", null, "")));

        Assert.StartsWith("::error file=KubeApp/Web.cs,line=2,", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Deployment shop/web: Container 'web' ends with code 1.", "src/Shop/KubeApp.cs", 5)]
    [InlineData("'Roll out' did not finish within 5 min: Deployment web-green.", "src/Shop/KubeApp.cs", 5)]
    [InlineData("ConfigMap shop/settings-0123456789 is refused.", "src/Shop/KubeApp/Settings.cs", 1)]
    [InlineData("Job shop/migrate-0123456789: it ends with code 1.", "src/Shop/KubeApp.cs", 6)]
    // Twice, not at all, and in what no specification is.
    [InlineData("Service shop/api does not answer.", null, 0)]
    [InlineData("Service shop/web does not answer.", null, 0)]
    [InlineData("Deployment shop/other does not come up.", null, 0)]
    public void Write_OfAnObject_PointsToWhereTheSpecificationDefinesIt(string cause, string? file, int line)
    {
        using var folder = new TemporaryFolder();
        folder.Write("src/Shop/KubeApp.cs", """
            public class Shop : KubeApp
            {
                public override void Define(KubeAppModel app)
                {
                    var web = app.Add(new Deployment("web")
                    { }); app.Add(new Job("migrate") { BeforeRollout = true });
                    app.Add(new Service("api", web)); app.Add(new Service("api"));
                }
            }
            """);
        folder.Write("src/Shop/KubeApp/Settings.cs", """static class Settings { static object Of() => new Config( "settings"); }""");
        folder.Write("src/Shop/Other.cs", """new Deployment("other")""");
        folder.Write("src/Shop/bin/KubeApp.cs", """new Deployment("web")""");
        var diagnostic = new Diagnostic("KUBEAPP6012", DiagnosticSeverity.Error, cause, new SourceLocation(Path.Combine(folder.Path, "src/Shop/bin/env/prod/x.yaml")), "");

        // From the project, and from the root of the checkout.
        foreach (var directory in (string[])[Path.Combine(folder.Path, "src", "Shop"), folder.Path])
        {
            var text = Runner.Log(log => new Annotations(log, folder.Path, directory).Write(diagnostic));

            Assert.StartsWith(file is null ? "::error file=src/Shop/bin/env/prod/x.yaml,title=" : $"::error file={file},line={line},title=", text, StringComparison.Ordinal);
        }
    }
}
