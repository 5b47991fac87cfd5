using System.Text.Json.Nodes;
using KubeApps.Diagnostics;
using KubeApps.Rendering;

namespace KubeApps.Core.Tests;

/// <summary>What a user writes as YAML, template, object or patch goes into the bundle, or is refused at its place.</summary>
public sealed class UserObjectTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kubeapps-user-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Render_YamlFileOfSeveralDocuments_GivesEachAsAnObject()
    {
        var environment = Render("k8s/all.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  namespace: elsewhere\n");

        Assert.Equal("shop-local", (string?)environment.Object("ConfigMap", "a")["metadata"]!["namespace"]);
        Assert.Equal("elsewhere", (string?)environment.Object("ConfigMap", "b")["metadata"]!["namespace"]);
    }

    [Fact]
    public void Render_Pattern_TakesEveryFileInOrder()
    {
        Write("k8s/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
        Write("k8s/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");

        var document = Evaluate(app => app.AddManifests("k8s/*.yaml"));

        Assert.Equal(["k8s/a.yaml", "k8s/b.yaml"], document.Files);
    }

    [Theory]
    [InlineData("KUBEAPP4001", 2, "a: b\n  c: d\n")]
    [InlineData("KUBEAPP4002", 4, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nkind: Secret\n")]
    [InlineData("KUBEAPP4003", 1, "- a\n")]
    [InlineData("KUBEAPP4003", 1, "apiVersion: v1\nkind: ConfigMap\n")]
    [InlineData("KUBEAPP4004", 1, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2}\n")]
    [InlineData("KUBEAPP4005", 1, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n")]
    public void Render_YamlWithAMistake_IsRefusedAtItsLine(string code, int line, string yaml)
    {
        var diagnostic = Assert.Single(Refused("k8s/bad.yaml", yaml));

        Assert.Equal(code, diagnostic.Code);
        Assert.Equal(("k8s/bad.yaml", line), (diagnostic.Place!.File, diagnostic.Place.Line));
        Assert.DoesNotContain("hunter2", diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Template_SeesAppAndModel()
    {
        var environment = Render(
            "k8s/config.yaml.sbn",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ app.name }}-info\ndata:\n  environment: {{ app.environment }}\n"
            + "{{ for part in model.parts }}{{ if part.kind == \"Deployment\" }}  {{ part.name }}: \"{{ part.replicas }}\"\n{{ end }}{{ end }}");

        var data = environment.Object("ConfigMap", "shop-info")["data"]!;
        Assert.Equal(("local", "1"), ((string?)data["environment"], (string?)data["web"]));
    }

    [Theory]
    [InlineData("a: b\nc: {{ app.nam", 2, "KUBEAPP4006")]
    [InlineData("a: b\nc: {{ missing }}\n", 2, "KUBEAPP4006")]
    [InlineData("a: b\nc: {{ app.missing.name }}\n", 2, "KUBEAPP4006")]
    [InlineData("{{ include 'secret.txt' }}", 1, "KUBEAPP4006")]
    public void Render_TemplateWithAMistake_IsRefusedAtLineAndColumn(string text, int line, string code)
    {
        var diagnostic = Assert.Single(Refused("k8s/bad.yaml.sbn", text));

        Assert.Equal((code, "k8s/bad.yaml.sbn", line), (diagnostic.Code, diagnostic.Place!.File, diagnostic.Place.Line));
        Assert.NotEqual(0, diagnostic.Place.Column);
    }

    [Fact]
    public void Render_Patch_ChangesTheObject()
    {
        var environment = Rendered.Local(app => Web(app, web => app.Patch(web)
            .Set("/spec/template/spec/dnsConfig/options/-", new JsonObject { ["name"] = "ndots", ["value"] = "1" })
            .Set("/spec/template/spec/containers/web/tty", true)
            .Remove("/spec/strategy")));

        var spec = environment.Object("Deployment")["spec"]!;
        Assert.Equal("""[{"name":"ndots","value":"1"}]""", spec["template"]!["spec"]!["dnsConfig"]!["options"]!.ToJsonString());
        Assert.True((bool?)spec["template"]!["spec"]!["containers"]![0]!["tty"]);
        Assert.Null(spec["strategy"]);
    }

    [Theory]
    [InlineData("Deployment", "wbe", "/spec/replicas")]
    [InlineData("Deployment", "web", "spec")]
    [InlineData("Deployment", "web", "/metadata/name")]
    [InlineData("Deployment", "web", "/spec/template/spec/containers/api/tty")]
    public void Render_PatchThatDoesNotFit_IsRefused(string kind, string name, string path)
    {
        var exception = Assert.Throws<DiagnosticException>(() => Rendered.Local(app => Web(app, _ => app.Patch(kind, name).Set(path, 1))));

        Assert.Equal("KUBEAPP4007", Assert.Single(exception.Diagnostics).Code);
    }

    [Fact]
    public void Render_SeveralMistakes_AreSaidAtOnce()
    {
        Write("a.yaml", "- a\n");
        Write("b.yaml", "- b\n");

        var exception = Assert.Throws<DiagnosticException>(() => Render(Evaluate(app =>
        {
            app.AddManifests("*.yaml");
            app.Patch("Deployment", "wbe").Set("/spec/replicas", 1);
        })));

        Assert.Equal(3, exception.Diagnostics.Count);
    }

    [Fact]
    public void Render_ImageThatWasNotBuilt_IsRefused()
    {
        var document = Evaluate(_ => { });

        var exception = Assert.Throws<DiagnosticException>(() => BundleRenderer.Render(document, new ImageSet(new Dictionary<string, Bundles.BundleImage>())));

        Assert.Equal("KUBEAPP4011", Assert.Single(exception.Diagnostics).Code);
    }

    private static void Web(KubeAppModel app, Action<Deployment> more)
    {
        var web = app.Add(new Deployment("web"));
        web.Containers.Add(new Container("web", Image.ThisProject));
        more(web);
    }

    private static Bundles.BundleEnvironment Render(SpecDocument document) => BundleRenderer.Render(document, Rendered.Images(document)).Environments.Single();

    private Bundles.BundleEnvironment Render(string file, string text)
    {
        Write(file, text);
        return Render(Evaluate(app => app.AddManifests(file)));
    }

    private IReadOnlyList<Diagnostic> Refused(string file, string text) =>
        Assert.Throws<DiagnosticException>(() => Render(file, text)).Diagnostics;

    private SpecDocument Evaluate(Action<KubeAppModel> define) =>
        SpecEvaluation.Evaluate(new Rendered.Spec(app => Web(app, _ => define(app))), Rendered.Project with { Directory = _directory }).Document!;

    private void Write(string file, string text)
    {
        var path = Path.Join(_directory, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
