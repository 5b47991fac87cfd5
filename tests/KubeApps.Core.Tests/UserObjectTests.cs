using System.Text.Json.Nodes;
using k8s.Models;
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
    [InlineData("KUBEAPP4003", 1, "apiVersion: v1\nkind: ConfigMap\nmetadata: web\n")]
    [InlineData("KUBEAPP4003", 1, "apiVersion: v1\nkind: ConfigMap\nmetadata: [web]\n")]
    [InlineData("KUBEAPP4003", 1, "apiVersion: v1\nkind: 3\nmetadata: {name: a}\n")]
    [InlineData("KUBEAPP4003", 1, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 12}\n")]
    [InlineData("KUBEAPP4003", 1, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: 12}\n")]
    [InlineData("KUBEAPP4003", 1, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: [b]}\n")]
    [InlineData("KUBEAPP4003", 1, "apiVersion: v1\nkind: List\nitems: [null]\n")]
    [InlineData("KUBEAPP4004", 1, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {}\nstringData: [hunter2]\n")]
    [InlineData("KUBEAPP4001", 2, "a: b\n? [c]\n: d\n")]
    [InlineData("KUBEAPP4001", 2, "a: &a\n  b: *a\n")]
    [InlineData("KUBEAPP4001", 7, "a: &a [0,0,0,0,0,0,0,0,0,0]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: *e\ng: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n")]
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
    [InlineData("a: {{ math.uuid }}", 1, "KUBEAPP4006")]
    [InlineData("a: {{ math.random 1 9 }}", 1, "KUBEAPP4006")]
    [InlineData("a: {{ date.now }}", 1, "KUBEAPP4006")]
    [InlineData("{{ func f(n) }}{{ if n > 0 }}{{ f (n - 1) }}{{ f (n - 1) }}{{ end }}{{ end }}\n{{ f 60 }}", 1, "KUBEAPP4006")]
    [InlineData("{{ x = \"aaaaaaaaaa\" }}\n{{ for i in 1..40 }}{{ x = x + x }}{{ end }}\n{{ x }}", 2, "KUBEAPP4006")]
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

    [Fact]
    public void Render_TemplateThatRendersNoYaml_IsRefusedWithTheRenderedLine()
    {
        var diagnostic = Assert.Single(Refused("k8s/bad.yaml.sbn", "{{ for i in 1..3 }}\n{{ end }}kind: [{{ app.name }}\n"));

        Assert.Equal(("KUBEAPP4001", "k8s/bad.yaml.sbn"), (diagnostic.Code, diagnostic.Place!.ToString()));
        Assert.Contains("of what the template renders to", diagnostic.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_TypedPatch_ChangesTheObject()
    {
        const int first = 0;
        var environment = Rendered.Local(app => Web(app, web => app.Patch<V1Deployment>(web)
            .Set(deployment => deployment.Spec.Template.Spec.PriorityClassName, "high")
            .Set(deployment => deployment.Spec.MinReadySeconds, 3)
            .Set(deployment => deployment.Spec.Template.Spec.Containers[first].Resources.Limits["memory"], new ResourceQuantity("1Gi"))
            .Set(deployment => deployment.Metadata.Annotations["example.com/a"], "b")
            .Append(deployment => deployment.Spec.Template.Spec.HostAliases, new V1HostAlias { Ip = "10.0.0.1", Hostnames = ["db"] })
            .Remove(deployment => deployment.Spec.Strategy)));

        var deployment = environment.Object("Deployment");
        Assert.Equal("b", (string?)deployment["metadata"]!["annotations"]!["example.com/a"]);
        Assert.Equal(3, (int?)deployment["spec"]!["minReadySeconds"]);
        Assert.Null(deployment["spec"]!["strategy"]);
        var pod = deployment["spec"]!["template"]!["spec"]!;
        Assert.Equal("high", (string?)pod["priorityClassName"]);
        Assert.Equal("1Gi", (string?)pod["containers"]![0]!["resources"]!["limits"]!["memory"]);
        Assert.Equal("""[{"hostnames":["db"],"ip":"10.0.0.1"}]""", pod["hostAliases"]!.ToJsonString());
        Assert.NotNull(TypedModels.Read(deployment));
    }

    [Fact]
    public void Patch_ThroughSomethingElseThanFields_SaysSo()
    {
        var (_, diagnostics) = SpecEvaluation.Evaluate(
            new Rendered.Spec(app => Web(app, web => app.Patch<V1Deployment>(web).Set(deployment => deployment.Spec.Template.Spec.Containers.First().Tty, true))), Rendered.Project);

        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal("KUBEAPP1010", diagnostic.Code);
        Assert.Contains("properties and indexes only", diagnostic.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_ObjectsOfEveryKind_StandInTheBundleAsTheyAre()
    {
        var environment = Rendered.Local(app => Web(app, _ =>
        {
            app.AddObject(new { apiVersion = "v1", kind = "ConfigMap", metadata = new { name = "anonymous" }, data = new Dictionary<string, string> { ["a.B"] = "c" }, none = (string?)null });
            app.AddObject(new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new V1ObjectMeta { Name = "typed" }, Data = new Dictionary<string, string> { ["a"] = "b" } });
            app.AddObject(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "json" } });
        }));

        Assert.Equal("""{"a.B":"c"}""", environment.Object("ConfigMap", "anonymous")["data"]!.ToJsonString());
        Assert.Null(environment.Object("ConfigMap", "anonymous")["none"]);
        Assert.Equal("""{"apiVersion":"v1","data":{"a":"b"},"kind":"ConfigMap","metadata":{"name":"typed","namespace":"shop-local"}}""", environment.Object("ConfigMap", "typed").ToJsonString());
        Assert.Equal("shop-local", (string?)environment.Object("ConfigMap", "json")["metadata"]!["namespace"]);
    }

    [Fact]
    public void Render_ObjectWithoutKind_IsRefusedAtItsLine()
    {
        var line = 0;
        var exception = Assert.Throws<DiagnosticException>(() => Render(Evaluate(app =>
        {
            line = Line() + 1;
            app.AddObject(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "typed" } });
        })));

        var diagnostic = Assert.Single(exception.Diagnostics);
        Assert.Equal(("KUBEAPP4003", line), (diagnostic.Code, diagnostic.Place!.Line));
    }

    [Fact]
    public void Render_PatchOfNothing_IsRefusedAtItsLine()
    {
        var line = 0;
        var exception = Assert.Throws<DiagnosticException>(() => Render(Evaluate(app =>
        {
            line = Line() + 1;
            app.Patch<V1Deployment>("Deployment", "wbe").Set(deployment => deployment.Spec.Replicas, 3);
        })));

        var diagnostic = Assert.Single(exception.Diagnostics);
        Assert.Equal(("KUBEAPP4007", line), (diagnostic.Code, diagnostic.Place!.Line));
    }

    [Theory]
    [InlineData("Deployment", "wbe", "/spec/replicas")]
    [InlineData("Deployment", "web", "spec")]
    [InlineData("Deployment", "web", "/metadata/name")]
    [InlineData("Deployment", "web", "/metadata")]
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

    private static int Line([System.Runtime.CompilerServices.CallerLineNumber] int line = 0) => line;

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
