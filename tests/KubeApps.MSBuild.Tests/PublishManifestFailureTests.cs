namespace KubeApps.MSBuild.Tests;

/// <summary>Mistakes in the specification and in the files that it names: every one an error with file and line, and no bundle.</summary>
public sealed class PublishManifestFailureTests(PackageFeed feed)
{
    private const string Manifests = "app.AddManifests(\"k8s/*\"); var web =";

    [Fact]
    public async Task Publish_SpecWithSeveralMistakes_GivesOneErrorForEachWithItsLine()
    {
        var folder = feed.NewFolder().WriteWeb(spec: """
            using KubeApps;

            public sealed class Web : KubeApp
            {
                public override void Define(KubeAppModel app)
                {
                    var web = app.Add(new Deployment("Web_1"));
                    web.Containers.Add(new Container("web", Image.ThisProject)
                    {
                        Ports = { new ContainerPort("http", 80800) },
                        Resources = new() { Memory = "12 apples" },
                    });
                }
            }
            """);

        var errors = (await folder.PublishAsync("web")).Failed().Errors;

        Assert.Equal(["KUBEAPP1020", "KUBEAPP1023", "KUBEAPP1025"], errors.Select(error => error[error.IndexOf("KUBEAPP", StringComparison.Ordinal)..][..11]).Order(StringComparer.Ordinal));
        Assert.All(errors, error => Assert.StartsWith(folder.PathOf("web", "KubeApp.cs") + "(", error, StringComparison.Ordinal));
        AssertNoBundle(folder);
    }

    [Theory]
    [InlineData("twice.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n", "KUBEAPP4002", "(5,3)")]
    [InlineData("broken.yaml", "apiVersion: v1\nkind: [ConfigMap\n", "KUBEAPP4001", "(3,1)")]
    [InlineData("template.yaml.sbn", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ app.nmae.first }}\n", "KUBEAPP4006", "(4,")]
    [InlineData("syntax.yaml.sbn", "apiVersion: v1\nkind: {{ if }}\n", "KUBEAPP4006", "(2,")]
    public async Task Publish_ManifestWithAMistake_NamesFileLineAndColumn(string name, string text, string code, string place)
    {
        var folder = feed.NewFolder().WriteWeb(spec: ThrowAway.Spec.Replace("var web =", Manifests, StringComparison.Ordinal)).Write($"web/k8s/{name}", text);

        var errors = (await folder.PublishAsync("web")).Failed().Errors;

        Assert.StartsWith(folder.PathOf("web", "k8s", name) + place, errors[0], StringComparison.Ordinal);
        Assert.All(errors, error => Assert.Contains($"error {code}:", error, StringComparison.Ordinal));
        AssertNoBundle(folder);
    }

    [Fact]
    public async Task Publish_ManifestWithSeveralDocuments_RendersEachAndNamesTheBadOne()
    {
        const string Good = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n";
        var folder = feed.NewFolder().WriteWeb(spec: ThrowAway.Spec.Replace("var web =", Manifests, StringComparison.Ordinal)).Write("web/k8s/two.yaml", Good);
        (await folder.PublishAsync("web")).Succeeded();
        string[] bundle = ["web", "bin", "Release", "net10.0", "kubeapp"];
        var before = folder.Snapshot(bundle);
        Assert.Contains(Path.Combine("env", "local", "configmap-a.yaml"), before.Keys);
        Assert.Contains(Path.Combine("env", "local", "configmap-b.yaml"), before.Keys);

        folder.Write("web/k8s/two.yaml", Good + "---\njust: text\n");
        var error = (await folder.PublishAsync("web")).Failed().OnlyError("KUBEAPP4003");

        Assert.StartsWith(folder.PathOf("web", "k8s", "two.yaml") + "(11", error, StringComparison.Ordinal);
        Assert.Equal(before, folder.Snapshot(bundle));
    }

    private static void AssertNoBundle(ThrowAway folder) => Assert.False(Directory.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp")));
}
