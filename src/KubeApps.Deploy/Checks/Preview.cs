using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Checks;

/// <summary>The copies that are checked before a rollout: how they come and go.</summary>
internal sealed class Preview(KubeClient client)
{
    private readonly ShortLivedObjects _objects = new(client);

    /// <summary>From its start until it is retired.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Starts the copies and waits until they run.</summary>
    public async Task<RolloutOutcome> StartAsync(ReleaseStep.StartPreview step, RolloutWatcher watcher, CancellationToken cancellationToken)
    {
        IsUnderWay = true;
        foreach (var copy in step.Objects.Where(item => item.Id.Kind == "Deployment"))
            await RequireUnselectedAsync(copy, step.Objects, cancellationToken);
        foreach (var item in step.Objects.OrderBy(item => item.Id.Kind == "Deployment"))
            await _objects.ApplyAsync(item, cancellationToken);
        return await watcher.AwaitAsync(
            [.. step.Objects.Where(item => item.Id.Kind == "Deployment").Select(item => item.Id)], awaitsCompletion: false, step.Stability, step.Timeout, cancellationToken);
    }

    /// <summary>Deletes them, and waits until their pods are gone.</summary>
    public async Task RetireAsync(CancellationToken cancellationToken)
    {
        await _objects.DeleteAllAsync(cancellationToken);
        IsUnderWay = false;
    }

    /// <summary>Takes away what a failed run has left.</summary>
    public Task AbandonAsync()
    {
        IsUnderWay = false;
        return _objects.DeleteAllAsync();
    }

    // A Service that somebody made by hand may pick pods by labels that the app's own services do not use.
    private async Task RequireUnselectedAsync(ReleaseObject copy, IReadOnlyList<ReleaseObject> own, CancellationToken cancellationToken)
    {
        var labels = copy.Content["spec"]!["template"]!["metadata"]!["labels"];
        var (services, _) = await client.ListAsync(ResourceType.Service, copy.Id.Namespace, null, cancellationToken);
        foreach (var service in services)
        {
            var id = ObjectId.Of(service);
            if (Selector.Of(service["spec"]?["selector"]) is { } selector && selector.Matches(labels) && !own.Any(item => item.Id.IsSameObject(id)))
                throw new DiagnosticException(DiagnosticDescriptors.PreviewSelected.Because(
                    $"{id} would send requests to {copy.Id}, which is not checked yet: its selector is {string.Join(", ", selector.Labels.Select(label => $"{label.Key}={label.Value}"))}."));
        }
    }
}
