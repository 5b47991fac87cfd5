using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>An action or workflow file, read as what it says and where.</summary>
internal sealed class YamlFile
{
    public YamlFile(string path, string text)
    {
        Path = path;
        Text = text;
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        Root = (YamlMappingNode)stream.Documents[0].RootNode;
    }

    public string Path { get; }

    public string Text { get; }

    public YamlMappingNode Root { get; }

    public bool IsAction => Path.EndsWith("action.yml", StringComparison.Ordinal) || Path.EndsWith("action.yaml", StringComparison.Ordinal);

    /// <summary>What stands on a line, comment and all.</summary>
    public string Line(Mark mark) => Text.Split('\n')[mark.Line - 1];

    /// <summary>The jobs of a workflow, by their ids; an action has none.</summary>
    public IEnumerable<(string Id, YamlMappingNode Job)> Jobs => IsAction ? [] : Root.Pairs("jobs").Select(pair => (pair.Name, (YamlMappingNode)pair.Value));

    /// <summary>Each list of steps, with the node whose expressions may name any of them.</summary>
    public IEnumerable<(YamlMappingNode Owner, IReadOnlyList<YamlMappingNode> Steps)> StepLists =>
        (IsAction ? [(Owner: Root, Steps: Root.Find("runs", "steps"))] : Jobs.Select(job => (Owner: job.Job, Steps: job.Job.Find("steps"))))
        .Where(list => list.Steps is YamlSequenceNode)
        .Select(list => (list.Owner, (IReadOnlyList<YamlMappingNode>)[.. ((YamlSequenceNode)list.Steps!).Cast<YamlMappingNode>()]));

    public IEnumerable<YamlMappingNode> Steps => StepLists.SelectMany(list => list.Steps);
}

internal static class YamlNodes
{
    public static YamlNode? Find(this YamlNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            node = node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;
        return node;
    }

    public static string? Value(this YamlNode? node, params ReadOnlySpan<string> path) => (node.Find(path) as YamlScalarNode)?.Value;

    public static IEnumerable<(string Name, YamlNode Value)> Pairs(this YamlNode? node, params ReadOnlySpan<string> path) =>
        node.Find(path) is YamlMappingNode mapping ? mapping.Children.Select(pair => (((YamlScalarNode)pair.Key).Value ?? "", pair.Value)) : [];

    public static bool IsTrue(this YamlNode? node, params ReadOnlySpan<string> path) => node.Value(path) == "true";
}
