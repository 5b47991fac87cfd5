using System.Text.Encodings.Web;
using System.Text.Json;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>No secret stands as text where it would go into the bundle.</summary>
internal static class LiteralSecretRules
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.AllContainers))
            CheckContainer(container, diagnostics);
        foreach (var config in app.All<Config>())
            foreach (var (key, text) in config.Values)
                CheckConfig(config, key, text, diagnostics);
        CheckMetadata(app, diagnostics);
        CheckEscapeHatches(app, diagnostics);
        foreach (var check in app.Checks)
            if (SecretText.IsInCommand(check.Command))
                diagnostics.Add(
                    DiagnosticDescriptors.LiteralSecret, $"The command of the check '{check.Name}' holds a secret as text.", check.Location,
                    "Let the program read it from a variable of the environment in which the deploy runs.");
    }

    private static void CheckMetadata(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var part in app.Parts)
        {
            IEnumerable<KeyValuePair<string, string>> annotations = part switch
            {
                Workload workload => workload.Annotations.Concat(workload.PodAnnotations),
                Service service => service.Annotations,
                ServiceAccount account => account.Annotations,
                _ => [],
            };
            foreach (var (key, text) in annotations)
                if (SecretText.HoldsSecret(text))
                    diagnostics.Add(
                        DiagnosticDescriptors.LiteralSecret, $"The annotation '{key}' of the {NameRules.KindOf(part)} '{part.Name}' holds a secret as text.", part.Location,
                        "Let the program that reads the annotation read a Secret.");
        }
    }

    /// <summary>Only what is a secret under any name: what else stands in an object means what its kind says.</summary>
    private static void CheckEscapeHatches(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var manifest in app.Manifests)
        {
            var lines = manifest.Text.Split('\n');
            for (var i = 0; i < lines.Length; i++)
                if (SecretText.HoldsSecret(lines[i]))
                    Report("A manifest", manifest.Path.Length > 0 ? new SourceLocation(manifest.Path, manifest.LineOffset + i + 1) : manifest.Location);
        }

        foreach (var item in app.Objects)
            if (SecretText.HoldsSecret(item.Content.ToJsonString(Readable)))
                Report("An object", item.Location);
        foreach (var patch in app.Patches)
            foreach (var operation in patch.Operations)
                if (operation.Value is { } value && SecretText.HoldsSecret(value.ToJsonString(Readable)))
                    Report($"The patch of {operation.Path}", patch.Location);

        void Report(string what, SourceLocation? place) => diagnostics.Add(
            DiagnosticDescriptors.LiteralSecret, $"{what} holds a secret as text.", place,
            "Name a Secret there: one of the app (app.Add(new Secret(…))), or one that exists.");
    }

    private static void CheckContainer(Container container, SpecDiagnostics diagnostics)
    {
        foreach (var (name, value) in container.Environment)
            if (value.Text is { } text && SecretText.IsSecret(name, text))
                diagnostics.Add(
                    DiagnosticDescriptors.LiteralSecret,
                    $"The environment variable {name} of the container '{container.Name}' looks like a secret, and is given as text.", container.Location);

        IEnumerable<(string What, IReadOnlyList<string> Command)> commands =
        [
            ("An argument", [.. container.Command, .. container.Args]),
            ("The startup probe", container.StartupProbe?.Command ?? []),
            ("The readiness probe", container.ReadinessProbe?.Command ?? []),
            ("The liveness probe", container.LivenessProbe?.Command ?? []),
            ("The PreStop", container.PreStop?.Command ?? []),
        ];
        foreach (var (what, command) in commands)
            if (SecretText.IsInCommand(command))
                diagnostics.Add(
                    DiagnosticDescriptors.LiteralSecret, $"{what} of the container '{container.Name}' holds a secret as text.", container.Location,
                    "Put the secret into an environment variable (a Secret and its Key(\"…\")), and name that as $(NAME) in an argument, or let the program read it.");
    }

    private static void CheckConfig(Config config, string key, string text, SpecDiagnostics diagnostics)
    {
        if (SecretText.IsSecret(key, text) || text.Contains('\n') && SecretText.HoldsSecret(text))
            diagnostics.Add(
                DiagnosticDescriptors.LiteralSecret, $"The key '{key}' of the configuration '{config.Name}' looks like a secret, and is given as text.", config.Location);
        else if (SecretText.SettingIn(text) is { } setting)
            diagnostics.Add(
                DiagnosticDescriptors.LiteralSecret, $"The setting '{setting}' in the key '{key}' of the configuration '{config.Name}' looks like a secret.", config.Location,
                "Take it out of the file, and set it with an environment variable from a Secret (app.Add(new Secret(…)) and its Key(\"…\")).");
    }
}
