using KubeApps.Deploy.Planning.Fields;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning.Saved;

/// <summary>
/// In which objects and fields another bundle would come to something else than the one that was planned. A plan keeps no bundle: what each would
/// change tells them apart. Pure.
/// </summary>
internal static class BundleDifferences
{
    public static IEnumerable<string> Of(SavedPlan saved, SavedPlan current)
    {
        var (planned, wanted) = (Standing(saved), Standing(current));
        foreach (var item in wanted.Values)
            if (!planned.TryGetValue(item.Id.ToString(), out var before))
                yield return $"{item.Id} was not in it";
            else
                foreach (var difference in Of(before, item))
                    yield return difference;
        foreach (var item in planned.Values.Where(item => !wanted.ContainsKey(item.Id.ToString())))
            yield return $"{item.Id} is not in it any more";
    }

    private static IEnumerable<string> Of(SavedObject planned, SavedObject wanted)
    {
        var (before, now) = (planned.Fields.Where(field => !field.IsOrder).ToDictionary(field => field.Path), wanted.Fields.Where(field => !field.IsOrder).ToDictionary(field => field.Path));
        foreach (var path in before.Keys.Union(now.Keys))
        {
            var (was, becomes) = (before.GetValueOrDefault(path), now.GetValueOrDefault(path));
            if (was is not null && becomes is not null && System.Text.Json.Nodes.JsonNode.DeepEquals(was.New, becomes.New))
                continue;
            yield return (was ?? becomes)!.IsHidden ? $"{wanted.Id}: {path} would be another"
                : $"{wanted.Id}: {path} was planned to {(was is null ? $"stay {FieldValue.Text(becomes!.Old)}" : $"become {FieldValue.Text(was.New)}")}, "
                    + $"and would {(becomes is null ? $"stay {FieldValue.Text(was!.Old)}" : $"become {FieldValue.Text(becomes.New)}")}";
        }
    }

    private static Dictionary<string, SavedObject> Standing(SavedPlan plan) =>
        plan.Objects.Where(item => item.Change != ResourceChange.Deleted).GroupBy(item => item.Id.ToString()).ToDictionary(group => group.Key, group => group.First());
}
