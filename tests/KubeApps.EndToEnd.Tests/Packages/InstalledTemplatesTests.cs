namespace KubeApps.EndToEnd.Tests;

/// <summary>KubeApps.Templates, installed by its name; what is made of it works with the packages of the same version.</summary>
[Collection(nameof(ReleaseBuild))]
public sealed class InstalledTemplatesTests(PackedPackages packages)
{
    [Fact]
    public async Task KubeAppWeb_FreshMachine_PublishesAndRenders()
    {
        await using var machine = new FreshMachine(packages);
        await machine.DotNet("", "new", "install", $"KubeApps.Templates@{machine.Version}");

        await machine.DotNet("", "new", "kubeapp-web", "-o", "Shop");
        await machine.DotNet("Shop", "publish", "-tl:off");

        var rendered = machine.Read("Shop", "bin", "Release", "net10.0", "kubeapp", "env", "local", "deployment-web.yaml");
        Assert.Contains("path: /healthz", rendered, StringComparison.Ordinal);
        Assert.Contains("Hello from Shop!", machine.Read("Shop", "Program.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KubeApp_InAProjectThatReferencesThePackage_PublishesAndRenders()
    {
        await using var machine = new FreshMachine(packages);
        await machine.DotNet("", "new", "install", $"KubeApps.Templates@{machine.Version}");
        await machine.DotNet("", "new", "web", "-o", "Shop");

        await machine.DotNet("Shop", "new", "kubeapp", "--port", "8081");
        await machine.DotNet("Shop", "add", "package", "KubeApps.MSBuild", "--version", machine.Version);
        await machine.DotNet("Shop", "publish", "-tl:off");

        var rendered = machine.Read("Shop", "bin", "Release", "net10.0", "kubeapp", "env", "local", "deployment-web.yaml");
        Assert.Contains("containerPort: 8081", rendered, StringComparison.Ordinal);
    }
}
