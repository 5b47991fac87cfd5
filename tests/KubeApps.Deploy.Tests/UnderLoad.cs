namespace KubeApps.Deploy.Tests;

/// <summary>
/// Tests that ask an app without a pause have the machine to themselves: they starve others, and what is lost where others starve an app
/// tells nothing of an update.
/// </summary>
[CollectionDefinition(nameof(UnderLoad), DisableParallelization = true)]
public sealed class UnderLoad;
