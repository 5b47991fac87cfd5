using System.Globalization;
using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Quantities are quantities, and nothing is promised beyond its limit.</summary>
/// <remarks>https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/</remarks>
internal static partial class QuantityRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.AllContainers))
        {
            if (container.Resources is { } resources)
            {
                CheckPair(container, "CPU", resources.Cpu, resources.CpuLimit, diagnostics);
                CheckPair(container, "memory", resources.Memory, resources.MemoryLimit, diagnostics);
                foreach (var memory in new[] { resources.Memory, resources.MemoryLimit })
                    CheckBytes(memory, $"memory of the container '{container.Name}'", container.Location, diagnostics);
            }

            foreach (var mount in container.Mounts)
            {
                CheckOne(mount.SizeLimit, $"size of the mount '{mount.Path}' of the container '{container.Name}'", container.Location, diagnostics);
                CheckBytes(mount.SizeLimit, $"size of the mount '{mount.Path}' of the container '{container.Name}'", container.Location, diagnostics);
            }
        }

        foreach (var claim in app.All<PersistentClaim>().Concat(app.All<StatefulSet>().SelectMany(set => set.Claims)))
        {
            CheckOne(claim.Size, $"size of the claim '{claim.Name}'", claim.Location, diagnostics);
            CheckBytes(claim.Size, $"size of the claim '{claim.Name}'", claim.Location, diagnostics);
        }
    }

    /// <summary>The amount; null when the text is no quantity.</summary>
    public static double? Parse(string text)
    {
        var match = Quantity().Match(text);
        if (!match.Success)
            return null;
        var number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        var suffix = match.Groups["suffix"].Value;
        return suffix switch
        {
            "" => number,
            "n" => number * 1e-9,
            "u" => number * 1e-6,
            "m" => number * 1e-3,
            [var letter, 'i'] => number * Math.Pow(1024, "KMGTPE".IndexOf(letter) + 1),
            ['e' or 'E', _, ..] => number * Math.Pow(10, int.Parse(suffix[1..], CultureInfo.InvariantCulture)),
            _ => number * Math.Pow(1000, "kMGTPE".IndexOf(suffix[0]) + 1),
        };
    }

    private static void CheckPair(Container container, string what, string? promised, string? limit, SpecDiagnostics diagnostics)
    {
        CheckOne(promised, $"{what} of the container '{container.Name}'", container.Location, diagnostics);
        CheckOne(limit, $"{what} limit of the container '{container.Name}'", container.Location, diagnostics);
        if (promised is not null && limit is not null && Parse(promised) > Parse(limit))
            diagnostics.Add(
                DiagnosticDescriptors.InvalidQuantity, $"The container '{container.Name}' is promised {promised} {what} and limited to {limit}.", container.Location);
    }

    private static void CheckOne(string? quantity, string what, SourceLocation? place, SpecDiagnostics diagnostics)
    {
        if (quantity is not null && Parse(quantity) is null or < 0)
            diagnostics.Add(DiagnosticDescriptors.InvalidQuantity, $"The {what} is '{quantity}', which is no quantity.", place);
    }

    /// <summary>Kubernetes takes <c>128m</c>, which is an eighth of a byte; nobody has ever meant that.</summary>
    private static void CheckBytes(string? quantity, string what, SourceLocation? place, SpecDiagnostics diagnostics)
    {
        if (quantity is not null && Parse(quantity) is { } amount && (amount < 1 || amount != Math.Floor(amount)))
            diagnostics.Add(DiagnosticDescriptors.InvalidQuantity, $"The {what} is '{quantity}', which are {amount.ToString(CultureInfo.InvariantCulture)} bytes.", place);
    }

    [GeneratedRegex(@"\A(?<number>[0-9]+(\.[0-9]*)?|\.[0-9]+)(?<suffix>[numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]{1,2})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Quantity();
}
