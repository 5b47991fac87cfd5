using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Diagnostics;
using KubeApps.Yaml;

namespace KubeApps.Deploy.Targets;

/// <summary>What kubeconfig files say, merged as kubectl does it: of two entries of one name the first counts.</summary>
internal sealed class Kubeconfig
{
    private readonly Dictionary<(string List, string Name), KubeconfigEntry> _entries = [];

    /// <summary>The names of the contexts, in the order of the files.</summary>
    public List<string> Contexts { get; } = [];

    /// <summary>Reads files; those that are not there say nothing.</summary>
    /// <exception cref="DiagnosticException">One of them cannot be read.</exception>
    public static Kubeconfig Read(IEnumerable<string> files)
    {
        var config = new Kubeconfig();
        foreach (var file in files.Where(File.Exists))
            config.Add(file);
        return config;
    }

    /// <summary>The cluster and the user of a context; without a user the server is asked anonymously.</summary>
    /// <exception cref="DiagnosticException">The context names what is not there.</exception>
    public (KubeconfigEntry Cluster, KubeconfigEntry? User) Find(string context)
    {
        var named = _entries[("contexts", context)];
        return (Find("cluster") ?? throw named.Unusable($"The context '{context}' names no cluster."), Find("user"));

        KubeconfigEntry? Find(string kind) => named.Text(kind) is not { Length: > 0 } name ? null
            : _entries.GetValueOrDefault(($"{kind}s", name)) ?? throw named.Unusable($"The context '{context}' names the {kind} '{name}', which is not there.");
    }

    /// <summary>A kubeconfig with this context alone, which can stand anywhere: it names other files by their whole paths.</summary>
    /// <exception cref="DiagnosticException">The context names what is not there.</exception>
    public JsonObject Document(string context)
    {
        var (cluster, user) = Find(context);
        var named = new JsonObject { ["cluster"] = cluster.Name };
        if (user is not null)
            named["user"] = user.Name;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = cluster.Name, ["cluster"] = cluster.Movable() }),
            ["users"] = user is null ? [] : new JsonArray(new JsonObject { ["name"] = user.Name, ["user"] = user.Movable() }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = context, ["context"] = named }),
            ["current-context"] = context,
        };
    }

    private void Add(string file)
    {
        List<(JsonNode Content, int)> documents;
        try
        {
            documents = [.. YamlReader.ReadAll(File.ReadAllText(file), file)];
        }
        catch (Exception failure) when (failure is DiagnosticException or IOException or UnauthorizedAccessException)
        {
            var cause = failure is DiagnosticException { Diagnostics: [var first, ..] } ? first.Cause : failure.Message;
            throw new DiagnosticException(DiagnosticDescriptors.KubeconfigUnusable.Because($"The kubeconfig cannot be read: {cause}", new SourceLocation(file)), failure);
        }

        foreach (var (list, field) in ((string, string)[])[("contexts", "context"), ("clusters", "cluster"), ("users", "user")])
            foreach (var item in documents.Select(document => document.Content).OfType<JsonObject>().SelectMany(content => content[list] as JsonArray ?? []).OfType<JsonObject>())
                if (item["name"]?.ToString() is { } name && _entries.TryAdd((list, name), new KubeconfigEntry(name, item[field] as JsonObject ?? [], file)) && list == "contexts")
                    Contexts.Add(name);
    }
}

/// <summary>A context, a cluster or a user.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Content">Its fields.</param>
/// <param name="File">Where it stands: paths in it are relative to that.</param>
internal sealed record KubeconfigEntry(string Name, JsonObject Content, string File)
{
    public string? Text(string field) => Content[field]?.ToString();

    public bool Flag(string field) => Content[field] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    /// <summary>The path that a field names; null where it names none.</summary>
    public string? PathOf(string field) => Text(field) is { Length: > 0 } path ? Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(File))!) : null;

    /// <summary>A text that stands in the file itself (<c>FIELD-data</c>, in base64) or in another one that it names.</summary>
    /// <exception cref="FormatException">It is no base64.</exception>
    /// <exception cref="IOException">The other one cannot be read.</exception>
    public string? Embedded(string field) => Text($"{field}-data") is { Length: > 0 } data
        ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : PathOf(field) is { } path ? System.IO.File.ReadAllText(path) : null;

    /// <summary>Its fields as they can stand in another folder.</summary>
    public JsonObject Movable()
    {
        var content = (JsonObject)Content.DeepClone();
        foreach (var field in (string[])["certificate-authority", "client-certificate", "client-key", "tokenFile"])
            if (PathOf(field) is { } path)
                content[field] = path;
        // A name alone is looked for in PATH.
        if (content["exec"] is JsonObject plugin && plugin["command"]?.ToString() is { } command && command.IndexOfAny(['/', '\\']) >= 0)
            plugin["command"] = Path.GetFullPath(command, Path.GetDirectoryName(Path.GetFullPath(File))!);
        return content;
    }

    public DiagnosticException Unusable(string cause, Exception? inner = null) =>
        new(DiagnosticDescriptors.KubeconfigUnusable.Because(cause, new SourceLocation(File)), inner);
}
