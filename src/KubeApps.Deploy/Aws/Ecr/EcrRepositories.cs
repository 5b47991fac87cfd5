using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>The repositories of a registry of ECR, which are not made by a push.</summary>
/// <param name="access">The way in, which is disposed of with this.</param>
/// <param name="account">Whose registry it is: others' is not changed.</param>
/// <param name="app">Whose images they are.</param>
/// <param name="prefix">What the repositories of the app's images begin with.</param>
/// <param name="settings">How they are kept; null where nothing is said.</param>
/// <param name="sink">Told what is made.</param>
/// <param name="clock">The time.</param>
internal sealed class EcrRepositories(AwsAccess access, string account, string app, string prefix, EcrSettings? settings, IEventSink sink, TimeProvider clock) : IImageRepositories
{
    // Only what no tag and no index names any more: a rollback, or another cluster, may want any other image.
    private const string LifecyclePolicy =
        """{"rules":[{"rulePriority":1,"description":"What no tag names: rests of pushes that were cut.","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}""";

    private const string Immutable = "IMMUTABLE";
    private const string Kms = "KMS";

    private static readonly TimeSpan ReplicationLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ReplicationPoll = TimeSpan.FromSeconds(5);

    private const int Tries = 3;

    private readonly EcrCache _cache = new(access, sink);
    private readonly Lock _gate = new();

    // Asked once: every image of a registry goes by the same rules.
    private Task<IReadOnlyList<ReplicationRule>>? _rules;
    private bool _toldOfOthers;

    private bool IsOwn => account == access.Identity.Account;

    public async Task EnsureAsync(string path, CancellationToken cancellationToken)
    {
        var repository = await FindAsync(path, cancellationToken);
        if (repository is null && !IsOwn)
            throw new DiagnosticException(DiagnosticDescriptors.EcrRepositoryMissing.Because($"The registry of the account {account} has no repository {path}, and we are of {access.Identity.Account}."));
        if (repository is not null)
        {
            Look(repository);
            await CompleteAsync(repository, cancellationToken);
        }

        repository ??= await CreateAsync(path, cancellationToken);
        if (!HasSettings())
            return;
        await BringAccessAsync(repository, settings!.PullAccounts, cancellationToken);
        // The rule must be there before the push.
        await RulesAsync(cancellationToken);
    }

    public async Task<string?> FindCachedAsync(string image, bool isDry, CancellationToken cancellationToken) =>
        settings is { CacheBaseImages: true } && HasSettings() ? await _cache.FindAsync(image, isDry, cancellationToken) : null;

    public async Task AwaitAsync(string path, string digest, CancellationToken cancellationToken)
    {
        var places = EcrReplication.PlacesOf(await RulesAsync(cancellationToken), path);
        if (places.Count == 0)
            return;
        var end = clock.GetUtcNow() + ReplicationLimit;
        while (true)
        {
            var answer = await AskAsync(
                "ecr:DescribeImageReplicationStatus",
                () => access.Ecr.DescribeImageReplicationStatusAsync(new(path, new ImageIdentifier { ImageDigest = digest }) { RegistryId = account }, cancellationToken), cancellationToken);
            // Just after a push AWS may not know yet where it is to go.
            var states = places.Select(place => (Place: place, State: answer.ReplicationStatuses.FirstOrDefault(state => (state.Region, state.RegistryId) == (place.Region, place.RegistryId))))
                .Where(item => item.State?.Status != "COMPLETE").ToList();
            if (states.Count == 0)
                return;
            if (clock.GetUtcNow() > end || states.Any(item => item.State?.Status == "FAILED"))
            {
                var open = string.Join(", ", states.Select(item => $"{item.Place.RegistryId}/{item.Place.Region} ({Printable.Line(item.State?.FailureCode ?? item.State?.Status ?? "not begun", 80)})"));
                sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.EcrNotReplicated.Because($"{path}@{digest} is not everywhere: {open}.")));
                return;
            }

            await Task.Delay(ReplicationPoll, clock, cancellationToken);
        }
    }

    public void Dispose() => access.Dispose();

    /// <summary>Asks AWS; a refusal is a diagnostic that names the action.</summary>
    internal static async Task<T> AskAsync<T>(string action, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask();
        }
        catch (Exception failure) when (AwsRefusal.KindOf(failure) is not (AwsFailure.NotFound or AwsFailure.Exists)
            && AwsRefusal.DiagnoseUnlessOver(failure, action, cancellationToken) is { } diagnostic)
        {
            throw new DiagnosticException(diagnostic, failure);
        }
    }

    private void Look(Repository there)
    {
        if (there.ImageTagMutability?.StartsWith(Immutable, StringComparison.Ordinal) == false)
            Warn(DiagnosticDescriptors.EcrTagsCanMove.Because($"The tags of {there.RepositoryUri} can be given to other images."));
        // An id or an alias is not what AWS tells of a key.
        if (settings?.KmsKey is { } key && there.EncryptionConfiguration is var encryption
            && (encryption?.EncryptionType?.StartsWith(Kms, StringComparison.Ordinal) != true || (key.Contains(":key/", StringComparison.Ordinal) && encryption.KmsKey != key)))
            Warn(DiagnosticDescriptors.EcrKeyDiffers.Because(
                $"{there.RepositoryUri} is encrypted with {Printable.Line(encryption?.KmsKey ?? encryption?.EncryptionType ?? "a key of ECR", 200)}, not with {key}."));
    }

    private bool HasSettings()
    {
        if (settings is null || IsOwn)
            return settings is not null;
        if (!Interlocked.Exchange(ref _toldOfOthers, true))
            Warn(DiagnosticDescriptors.EcrSettingsOfOthers.Because($"The registry is of the account {account}, and we are of {access.Identity.Account}: the settings for ECR are left to it."));
        return false;
    }

    private void Warn(Diagnostic diagnostic) => sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));

    // Images are pushed side by side; one of them asks.
    private Task<IReadOnlyList<ReplicationRule>> RulesAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            _rules ??= ReadRulesAsync();
        return _rules.WaitAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<ReplicationRule>> ReadRulesAsync()
    {
        // Others' rules are not ours to read.
        if (!IsOwn)
            return [];
        IReadOnlyList<string> regions = settings?.ReplicaRegions ?? [];
        try
        {
            return regions.Count == 0 ? await RulesThereAsync() : await BringRulesAsync(regions);
        }
        catch (Exception failure) when (regions.Count == 0 && AwsRefusal.Diagnose(failure, "ecr:DescribeRegistry") is { } diagnostic)
        {
            sink.Publish(new DeployEvent.Note($"Whether the registry replicates images is not known, and not waited for: {diagnostic.Cause}"));
            return [];
        }
    }

    private async Task<IReadOnlyList<ReplicationRule>> RulesThereAsync() => (await access.Ecr.DescribeRegistryAsync(CancellationToken.None)).ReplicationConfiguration.Rules;

    // AWS takes all rules of a registry at once, and who writes last wins: what is there is read again, until it holds ours.
    private async Task<IReadOnlyList<ReplicationRule>> BringRulesAsync(IReadOnlyList<string> regions)
    {
        for (var count = 0; ; count++)
        {
            var rules = await AskAsync("ecr:DescribeRegistry", RulesThereAsync, CancellationToken.None);
            if (EcrReplication.Missing(rules, prefix, account, regions) is not { } wanted)
                return rules;
            if (count == Tries)
                throw new DiagnosticException(DiagnosticDescriptors.AwsUnexpected.Because($"The rule that replicates {prefix}* was written {Tries} times, and is not among those of the registry."));
            await AskAsync("ecr:PutReplicationConfiguration", () => access.Ecr.PutReplicationConfigurationAsync(new(new ReplicationConfiguration(wanted)), CancellationToken.None), CancellationToken.None);
            sink.Publish(new DeployEvent.Note($"Made the rule that replicates {prefix}* to {string.Join(", ", wanted[^1].Destinations.Select(place => place.Region))}."));
        }
    }

    private async Task BringAccessAsync(Repository repository, IReadOnlyCollection<string> accounts, CancellationToken cancellationToken)
    {
        var name = repository.RepositoryName;
        var there = await FindPolicyAsync(name, cancellationToken);
        var (differs, wanted) = Bring(there, accounts, repository);
        if (!differs)
            return;
        if (wanted is null)
            await AskAsync("ecr:DeleteRepositoryPolicy", () => access.Ecr.DeleteRepositoryPolicyAsync(new(name), cancellationToken), cancellationToken);
        else
            await AskAsync("ecr:SetRepositoryPolicy", () => access.Ecr.SetRepositoryPolicyAsync(new(name, wanted), cancellationToken), cancellationToken);
        sink.Publish(new DeployEvent.Note(accounts.Count == 0 ? $"No other account may pull from {name} by us any more." : $"These accounts may pull from {name}: {string.Join(", ", accounts)}."));
    }

    private static (bool Differs, string? Policy) Bring(string? policy, IReadOnlyCollection<string> accounts, Repository repository)
    {
        try
        {
            return EcrPullAccess.Bring(policy, accounts, repository.RepositoryArn.Split(':')[1]);
        }
        catch (FormatException failure)
        {
            throw new DiagnosticException(DiagnosticDescriptors.AwsUnexpected.Because($"{repository.RepositoryName}: {failure.Message}"), failure);
        }
    }

    private async Task<string?> FindPolicyAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await AskAsync("ecr:GetRepositoryPolicy", () => access.Ecr.GetRepositoryPolicyAsync(new(name), cancellationToken), cancellationToken)).PolicyText;
        }
        catch (Exception failure) when (AwsRefusal.IsNotFound(failure))
        {
            return null;
        }
    }

    private async Task<Repository?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var request = new DescribeRepositoriesRequest { RegistryId = account, RepositoryNames = [path] };
            var answer = await AskAsync("ecr:DescribeRepositories", () => access.Ecr.DescribeRepositoriesAsync(request, cancellationToken), cancellationToken);
            return answer.Repositories.FirstOrDefault();
        }
        catch (Exception failure) when (AwsRefusal.IsNotFound(failure))
        {
            return null;
        }
    }

    private async Task<Repository> CreateAsync(string path, CancellationToken cancellationToken)
    {
        var request = new CreateRepositoryRequest(path)
        {
            ImageTagMutability = Immutable,
            ImageScanningConfiguration = new ImageScanningConfiguration(ScanOnPush: true),
            EncryptionConfiguration = settings?.KmsKey is { } key ? new EncryptionConfiguration(Kms) { KmsKey = key } : new EncryptionConfiguration("AES256"),
            Tags = [new Tag(EksTags.ManagedBy, EksTags.Us), new Tag(EksTags.App, app)],
        };
        Repository? made;
        try
        {
            made = (await AskAsync("ecr:CreateRepository", () => access.Ecr.CreateRepositoryAsync(request, cancellationToken), cancellationToken)).Repository;
        }
        catch (Exception failure) when (AwsRefusal.IsThereAlready(failure))
        {
            // Another run was faster; the rest is the same for both.
            made = await FindAsync(path, cancellationToken)
                ?? throw new DiagnosticException(DiagnosticDescriptors.AwsUnexpected.Because($"The repository {path} is there already, and is not to be found."), failure);
        }

        await AskAsync("ecr:PutLifecyclePolicy", () => access.Ecr.PutLifecyclePolicyAsync(new PutLifecyclePolicyRequest(path, LifecyclePolicy), cancellationToken), cancellationToken);
        sink.Publish(new DeployEvent.Note($"Made the repository {path} in {access.Identity}."));
        return made;
    }

    /// <summary>One of ours whose making was cut gets the rest. Whoever may only push is not kept from it.</summary>
    private async Task CompleteAsync(Repository there, CancellationToken cancellationToken)
    {
        try
        {
            if (!IsOwn || await HasLifecycleAsync(there.RepositoryName, cancellationToken))
                return;
            var tags = (await access.Ecr.ListTagsForResourceAsync(new ListTagsForResourceRequest(there.RepositoryArn), cancellationToken)).Tags;
            if (!tags.Any(tag => tag is { Key: EksTags.ManagedBy, Value: EksTags.Us }))
                return;
            await access.Ecr.PutLifecyclePolicyAsync(new PutLifecyclePolicyRequest(there.RepositoryName, LifecyclePolicy), cancellationToken);
            sink.Publish(new DeployEvent.Note($"The repository {there.RepositoryName} had no lifecycle policy: its making was cut. It has one now."));
        }
        catch (Exception failure) when (AwsRefusal.KindOf(failure) == AwsFailure.Forbidden)
        {
        }
        catch (Exception failure) when (AwsRefusal.DiagnoseUnlessOver(failure, "ecr:PutLifecyclePolicy", cancellationToken) is { } diagnostic)
        {
            throw new DiagnosticException(diagnostic, failure);
        }
    }

    private async Task<bool> HasLifecycleAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await access.Ecr.GetLifecyclePolicyAsync(new GetLifecyclePolicyRequest(path), cancellationToken);
            return true;
        }
        catch (Exception failure) when (AwsRefusal.IsNotFound(failure))
        {
            return false;
        }
    }
}
