using System.Xml.Linq;

namespace KubeApps.Cli.Tests;

public class ArchitectureTests
{
    // design.md, "Projects": what each may use, directly. The sandbox speaks HTTP and uses nothing of ours.
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["KubeApps.Spec"] = [],
        ["KubeApps.SpecHost"] = ["KubeApps.Spec"],
        ["KubeApps.Core"] = ["KubeApps.Spec"],
        ["KubeApps.MSBuild"] = ["KubeApps.Core"],
        ["KubeApps.Deploy"] = ["KubeApps.Core"],
        ["KubeApps.Sandbox"] = [],
        ["KubeApps.Cli"] = ["KubeApps.Deploy"],
    };

    [Fact]
    public void Projects_OfSource_ReferenceOnlyWhatTheDesignAllows()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (!Arrows.TryGetValue(name, out var allowed))
                continue; // A package without code (templates).
            var references = XDocument.Load(file).Descendants("ProjectReference")
                // Built along, but not referenced: the tool carries the sandbox's files.
                .Where(item => (string?)item.Attribute("ReferenceOutputAssembly") != "false")
                .Select(item => Path.GetFileNameWithoutExtension((string)item.Attribute("Include")!));
            Assert.All(references, reference => Assert.Contains(reference, allowed));
        }
    }

    [Fact]
    public void Assemblies_OfProducts_ReferenceOnlyWhatTheDesignAllows()
    {
        foreach (var (name, allowed) in new Dictionary<string, string[]>
        {
            ["KubeApps.Spec"] = [],
            ["KubeApps.Core"] = ["KubeApps.Spec"],
            ["KubeApps.Deploy"] = ["KubeApps.Core", "KubeApps.Spec"],
            ["dotnet-kubeapp"] = ["KubeApps.Deploy", "KubeApps.Core", "KubeApps.Spec"],
        })
        {
            var ours = System.Reflection.Assembly.Load(name).GetReferencedAssemblies().Select(item => item.Name!).Where(item => item.StartsWith("KubeApps", StringComparison.Ordinal));
            Assert.All(ours, reference => Assert.Contains(reference, allowed));
        }
    }

    [Fact]
    public void Core_OfAll_StaysFreeOfNetworkAndClients()
    {
        var references = System.Reflection.Assembly.Load("KubeApps.Core").GetReferencedAssemblies().Select(item => item.Name!).ToList();

        Assert.DoesNotContain(references, name => name.StartsWith("System.Net", StringComparison.Ordinal) || name is "System.Console" or "KubernetesClient");
    }
}
