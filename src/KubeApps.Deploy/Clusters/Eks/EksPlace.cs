namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Where an app's load arrives, as its cluster's tags say: to look there nobody must ask in the cluster.</summary>
/// <param name="Zone">The zone of DNS.</param>
/// <param name="Addresses">What users call; one at least.</param>
internal sealed record EksPlace(string Zone, IReadOnlyList<Uri> Addresses)
{
    /// <summary>A tag holds no more.</summary>
    public const int Longest = 256;

    public IReadOnlyList<string> Names => [.. Addresses.Select(address => address.IdnHost).Distinct()];

    public string Text => string.Join(' ', Addresses.Select(address => address.GetLeftPart(UriPartial.Authority)));

    /// <summary>Null where no load was ever given to the cluster.</summary>
    public static EksPlace? Of(IReadOnlyDictionary<string, string>? tags)
    {
        if (tags?.GetValueOrDefault(EksTags.Zone) is not { Length: > 0 } zone || tags.GetValueOrDefault(EksTags.Address) is not { } text)
            return null;
        var addresses = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(item => Uri.TryCreate(item, UriKind.Absolute, out var address) ? address : null).OfType<Uri>().ToList();
        return addresses.Count > 0 ? new EksPlace(zone, addresses) : null;
    }
}
