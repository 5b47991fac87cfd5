using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>The repositories of a registry of ECR, which are not made by a push.</summary>
/// <param name="access">The way in, which is disposed of with this.</param>
/// <param name="account">Whose registry it is: others' is not changed.</param>
/// <param name="app">Whose images they are.</param>
/// <param name="sink">Told what is made.</param>
/// <param name="clock">The time.</param>
internal sealed class EcrRepositories(AwsAccess access, string account, string app, IEventSink sink, TimeProvider clock) : IImageRepositories
{
    // Only what no tag and no index names any more: a rollback, or another cluster, may want any other image.
    private const string LifecyclePolicy =
        """{"rules":[{"rulePriority":1,"description":"What no tag names: rests of pushes that were cut.","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}""";

    private const string Immutable = "IMMUTABLE";

    private static readonly TimeSpan ReplicationLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ReplicationPoll = TimeSpan.FromSeconds(5);

    // Asked once: every image of a registry goes by the same rules.
    private readonly Lazy<Task<IReadOnlyList<ReplicationRule>>> _rules = new(() => ReadRulesAsync(access, account, sink));

    private bool IsOwn => account == access.Identity.Account;

    public async Task EnsureAsync(string path, CancellationToken cancellationToken)
    {
        if (await FindAsync(path, cancellationToken) is { } there)
        {
            if (there.ImageTagMutability?.StartsWith(Immutable, StringComparison.Ordinal) == false)
                sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.EcrTagsCanMove.Because($"The tags of {there.RepositoryUri} can be given to other images.")));
            return;
        }

        if (!IsOwn)
            throw new DiagnosticException(DiagnosticDescriptors.EcrRepositoryMissing.Because($"The registry of the account {account} has no repository {path}, and we are of {access.Identity.Account}."));
        await CreateAsync(path, cancellationToken);
    }

    public async Task AwaitAsync(string path, string digest, CancellationToken cancellationToken)
    {
        var places = (await _rules.Value.WaitAsync(cancellationToken)).Where(rule => Holds(rule, path)).SelectMany(rule => rule.Destinations).Distinct().ToList();
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
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && AwsRefusal.KindOf(failure) is not (AwsFailure.NotFound or AwsFailure.Exists)
            && AwsRefusal.Diagnose(failure, action) is { } diagnostic)
        {
            throw new DiagnosticException(diagnostic, failure);
        }
    }

    private static bool Holds(ReplicationRule rule, string path) =>
        rule.RepositoryFilters is not { Count: > 0 } filters || filters.Any(filter => path.StartsWith(filter.Filter, StringComparison.Ordinal));

    private static async Task<IReadOnlyList<ReplicationRule>> ReadRulesAsync(AwsAccess access, string account, IEventSink sink)
    {
        // Others' rules are not ours to read.
        if (account != access.Identity.Account)
            return [];
        try
        {
            return (await access.Ecr.DescribeRegistryAsync(CancellationToken.None)).ReplicationConfiguration.Rules;
        }
        catch (Exception failure) when (AwsRefusal.Diagnose(failure, "ecr:DescribeRegistry") is { } diagnostic)
        {
            sink.Publish(new DeployEvent.Note($"Whether the registry replicates images is not known, and not waited for: {diagnostic.Cause}"));
            return [];
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

    private async Task CreateAsync(string path, CancellationToken cancellationToken)
    {
        var request = new CreateRepositoryRequest(path)
        {
            ImageTagMutability = Immutable,
            ImageScanningConfiguration = new ImageScanningConfiguration(ScanOnPush: true),
            EncryptionConfiguration = new EncryptionConfiguration("AES256"),
            Tags = [new Tag(EksTags.ManagedBy, EksTags.Us), new Tag(EksTags.App, app)],
        };
        try
        {
            await AskAsync("ecr:CreateRepository", () => access.Ecr.CreateRepositoryAsync(request, cancellationToken), cancellationToken);
        }
        catch (Exception failure) when (AwsRefusal.IsThereAlready(failure))
        {
            // Another run was faster; the rest is the same for both.
        }

        await AskAsync("ecr:PutLifecyclePolicy", () => access.Ecr.PutLifecyclePolicyAsync(new PutLifecyclePolicyRequest(path, LifecyclePolicy), cancellationToken), cancellationToken);
        sink.Publish(new DeployEvent.Note($"Made the repository {path} in {access.Identity}."));
    }
}
