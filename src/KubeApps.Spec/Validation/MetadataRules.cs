using System.Text;
using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Labels, selectors, taints and annotations are such as Kubernetes takes.</summary>
/// <remarks>
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set
/// </remarks>
internal static partial class MetadataRules
{
    /// <summary>All annotations of one object together, in bytes.</summary>
    private const int MaxAnnotations = 256 * 1024;

    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        if (app.Labels.Any(label => !IsLabel(label.Key, label.Value)))
            CheckLabels("the app", app.Labels, app.DefinePlace?.Find());
        foreach (var workload in app.All<Workload>())
        {
            var owner = $"'{workload.Name}'";
            CheckLabels(owner, workload.Labels, workload.Location);
            CheckAnnotations(owner, workload.Annotations, workload.Location);
            CheckAnnotations($"the pods of {owner}", workload.PodAnnotations, workload.Location);
            CheckPlacement(owner, workload);
        }

        foreach (var service in app.All<Service>())
        {
            CheckLabels($"the service '{service.Name}'", service.Labels, service.Location);
            CheckAnnotations($"the service '{service.Name}'", service.Annotations, service.Location);
        }

        foreach (var account in app.All<ServiceAccount>())
            CheckAnnotations($"the service account '{account.Name}'", account.Annotations, account.Location);
        foreach (var pool in app.All<NodePool>())
        {
            CheckLabels($"the node pool '{pool.Name}'", pool.Labels, pool.Location);
            foreach (var taint in pool.Taints)
                if (!IsLabel(taint.Key, taint.Value))
                    Report($"The taint '{taint.Key}={taint.Value}' of the node pool '{pool.Name}' is not one that Kubernetes takes.", pool.Location);
            foreach (var group in pool.Taints.GroupBy(taint => (taint.Key, taint.Effect)).Where(group => group.Count() > 1))
                diagnostics.Add(
                    DiagnosticDescriptors.DuplicateName, $"Two taints of the node pool '{pool.Name}' have the key '{group.Key.Key}' and the same effect.", pool.Location);
        }

        void CheckPlacement(string owner, Workload workload)
        {
            foreach (var (key, value) in workload.Placement?.NodeSelector ?? [])
                if (!IsLabel(key, value))
                    Report($"The node selector '{key}: {value}' of {owner} is not a label that Kubernetes takes.", workload.Location);
            foreach (var toleration in workload.Placement?.Tolerations ?? [])
                if (!IsLabel(toleration.Key, toleration.Value ?? ""))
                    Report($"The toleration of '{toleration.Key}={toleration.Value}' of {owner} is not one that Kubernetes takes.", workload.Location);
            foreach (var spread in workload.TopologySpread)
                if (!IsLabel(spread.TopologyKey, "") || spread.MaxSkew < 1)
                    Report($"The topology spread of {owner} over '{spread.TopologyKey}' needs the key of a label, and a MaxSkew of 1 or more.", workload.Location);
            foreach (var group in workload.TopologySpread.GroupBy(spread => (spread.TopologyKey, spread.IsRequired)).Where(group => group.Count() > 1))
                diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two topology spreads of {owner} are over '{group.Key.TopologyKey}'.", workload.Location);
        }

        void CheckLabels(string owner, Dictionary<string, string> labels, SourceLocation? place)
        {
            foreach (var (key, value) in labels)
                if (!IsLabel(key, value))
                    Report($"The label '{key}: {value}' of {owner} is not one that Kubernetes takes.", place);
        }

        void CheckAnnotations(string owner, Dictionary<string, string> annotations, SourceLocation? place)
        {
            foreach (var key in annotations.Keys.Where(key => !IsLabel(key.ToLowerInvariant(), "")))
                Report($"The annotation '{key}' of {owner} has a key that Kubernetes does not take.", place);
            var size = annotations.Sum(annotation => Encoding.UTF8.GetByteCount(annotation.Key) + Encoding.UTF8.GetByteCount(annotation.Value));
            if (size > MaxAnnotations)
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting, $"The annotations of {owner} have {size} bytes; {MaxAnnotations} are possible.", place);
        }

        void Report(string cause, SourceLocation? place) => diagnostics.Add(
            DiagnosticDescriptors.InvalidName, cause, place,
            "A key has at most 63 letters, digits, '-', '_' and '.', perhaps behind a domain and '/'; a value has as many, or none; both begin and end with a letter or digit.");
    }

    private static bool IsLabel(string key, string value) =>
        LabelKey().IsMatch(key) && key.LastIndexOf('/') <= 253 && value.Length <= 63 && LabelValue().IsMatch(value);

    [GeneratedRegex(
        @"\A([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelKey();

    [GeneratedRegex(@"\A([a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue();
}
