using KubeApps.Deploy.History;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Histories;

/// <summary>
/// Where deploys are, in words, for those that an app and an environment do not tell apart: the environments of pull requests, of which each has a namespace of
/// its own, and one environment on several clusters.
/// </summary>
internal sealed class HistoryPlaces
{
    private const int LongestName = 60;

    private readonly Dictionary<HistoryLine, string> _words = [];

    private HistoryPlaces()
    {
    }

    /// <summary>Whether anything has to be told apart.</summary>
    public bool AreSeveral => _words.Count > 0;

    /// <param name="entries">All that is shown together.</param>
    public static HistoryPlaces Of(IEnumerable<HistoryEntry> entries)
    {
        var places = new HistoryPlaces();
        foreach (var lines in entries.Where(entry => !entry.IsForeign).GroupBy(entry => entry.Line).GroupBy(line => (line.Key.App, line.Key.Environment)).Where(lines => lines.Count() > 1))
        {
            var (hasNamespaces, hasClusters) = (lines.Select(line => line.Key.Namespace).Distinct().Count() > 1, lines.Select(line => line.Key.Cluster).Distinct().Count() > 1);
            foreach (var line in lines)
                places._words[line.Key] = string.Join(" on ", ((string?[])[hasNamespaces ? line.Key.Namespace ?? "?" : null, hasClusters ? Cluster(line, lines) : null]).OfType<string>());
        }

        return places;
    }

    /// <summary>Null where there is nothing to tell apart.</summary>
    public string? Find(HistoryLine line) => _words.GetValueOrDefault(line);

    // People know clusters by their names, of which two may have the same.
    private static string Cluster(IGrouping<HistoryLine, HistoryEntry> line, IEnumerable<IGrouping<HistoryLine, HistoryEntry>> lines)
    {
        var uid = Printable.Line(line.Key.Cluster ?? "?", LongestName);
        if (Name(line) is not { } name)
            return uid;
        return lines.Where(other => Name(other) == name).Select(other => other.Key.Cluster).Distinct().Count() == 1 ? name : $"{name} ({uid})";
    }

    private static string? Name(IEnumerable<HistoryEntry> line) => line.Select(entry => entry.ClusterName).OfType<string>().Select(name => Printable.Line(name, LongestName)).FirstOrDefault();
}
