namespace KubeApps.Rendering;

/// <summary>
/// Which environments one push serves: images are built once, so all that can pull them from where they go get them, with the same digests.
/// The others are left out, and need a push of their own.
/// </summary>
/// <param name="Document">The specification with the environments that are served; the chosen one is among them.</param>
/// <param name="LeftOut">The others: the environment's name, and why.</param>
internal sealed record SharedEnvironments(SpecDocument Document, IReadOnlyList<(string Name, string Reason)> LeftOut)
{
    private enum PlaceKind
    {
        /// <summary>The environment says nothing.</summary>
        Nowhere,
        Sandbox,
        Registry,

        /// <summary>The registry of an AWS account and region.</summary>
        Account,
    }

    /// <param name="document">The specification.</param>
    /// <param name="chosen">The environment whose registry is pushed to.</param>
    /// <param name="usesSandbox">Whether the images of an environment of the sandbox go to the sandbox's own registry, or where it says.</param>
    public static SharedEnvironments Of(SpecDocument document, KubeAppModel chosen, bool usesSandbox = true)
    {
        var pushed = PlaceOf(chosen, usesSandbox);
        List<KubeAppModel> served = [];
        List<(string, string)> leftOut = [];
        foreach (var model in document.Environments)
            if (!ReferenceEquals(model, chosen) && Builds(model) && Obstacle(PlaceOf(model, usesSandbox), pushed) is { } reason)
                leftOut.Add((model.Environment.Name, reason));
            else
                served.Add(model);
        return new SharedEnvironments(document with { Environments = served }, leftOut);
    }

    /// <summary>Whether an environment runs images that the build makes.</summary>
    public static bool Builds(KubeAppModel model) =>
        model.All<Workload>().SelectMany(workload => workload.AllContainers).Any(container => container.Image.Kind != ImageKind.Reference);

    // One that says nothing takes what there is, unless that is the sandbox's: no other cluster can pull from there.
    private static string? Obstacle(Place own, Place pushed) => own.Kind switch
    {
        PlaceKind.Nowhere => pushed.Kind is PlaceKind.Registry or PlaceKind.Account ? null : "it names no registry that its cluster can pull from",
        _ when own == pushed => null,
        PlaceKind.Sandbox => "its images go to the sandbox's own registry",
        PlaceKind.Account => $"its images go to the registry of the account {own.Name}",
        _ => $"its images go to {own.Name}",
    };

    private static Place PlaceOf(KubeAppModel model, bool usesSandbox) => model.Environment.Target switch
    {
        { Kind: TargetKind.Sandbox } when usesSandbox => new(PlaceKind.Sandbox, null),
        { Registry: { } registry } => new(PlaceKind.Registry, registry),
        { Kind: TargetKind.Eks } target => new(PlaceKind.Account, $"{target.Account} in {target.Region}"),
        _ => new(PlaceKind.Nowhere, null),
    };

    private sealed record Place(PlaceKind Kind, string? Name);
}
