using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Rendering;

namespace KubeApps.Core.Tests;

/// <summary>Short ways from a specification to what is rendered of it.</summary>
internal static class Rendered
{
    public static readonly ProjectFacts Project = new() { Name = "Shop", IsWeb = true };

    /// <summary>Through JSON, as in a build: what the model's JSON loses would be missing.</summary>
    public static SpecDocument Evaluate(KubeApp? spec, ProjectFacts? project = null)
    {
        var (document, diagnostics) = SpecEvaluation.Evaluate(spec, project ?? Project);
        Assert.True(document is not null, string.Join(Environment.NewLine, diagnostics));
        return SpecDocument.FromJson(document.ToJson());
    }

    /// <summary>Rendered with a digest for every image.</summary>
    public static Bundle Bundle(SpecDocument document) => BundleRenderer.Render(document, Images(document), commit: new string('c', 40));

    public static Bundle Bundle(KubeApp? spec) => Bundle(Evaluate(spec));

    public static ImageSet Images(SpecDocument document) => new(
        document.Images().Where(image => image.Kind != ImageKind.Reference).ToDictionary(
            image => image.Key!, image => new BundleImage($"localhost:5000/{image.Key}", "tag", "sha256:" + new string('a', 64), [])));

    /// <summary>The environment <c>local</c> of an app that is defined in place.</summary>
    public static BundleEnvironment Local(Action<KubeAppModel> define) => Bundle(new Spec(define)).Environments.Single(environment => environment.Name == "local");

    public static JsonObject Object(this BundleEnvironment environment, string kind, string? name = null) =>
        environment.Objects.Single(item => (string?)item.Content["kind"] == kind && (name is null || (string?)item.Content["metadata"]!["name"] == name)).Content;

    /// <summary>All files of a bundle in one text.</summary>
    public static string Text(this Bundle bundle)
    {
        var directory = Directory.CreateTempSubdirectory("kubeapps-text-").FullName;
        try
        {
            BundleFiles.Write(bundle, directory);
            var text = new StringBuilder("# bundle.json\n" + File.ReadAllText(Path.Join(directory, "bundle.json")));
            foreach (var item in bundle.Environments.SelectMany(environment => environment.Objects))
                text.Append("---\n# ").Append(item.Path).Append('\n').Append(File.ReadAllText(Path.Join(directory, item.Path)));
            return text.ToString();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    internal sealed class Spec(Action<KubeAppModel> define, params DeployEnvironment[] environments) : KubeApp
    {
        public override IReadOnlyList<DeployEnvironment> Environments => environments;

        public override void Define(KubeAppModel app) => define(app);
    }
}
