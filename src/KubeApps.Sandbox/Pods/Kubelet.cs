using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Pods.Containers;
using KubeApps.Sandbox.Pods.Images;
using KubeApps.Sandbox.Pods.Logs;
using KubeApps.Sandbox.Pods.Processes;

namespace KubeApps.Sandbox.Pods;

/// <summary>
/// The scheduler and the kubelet of the one node <c>sandbox</c>: runs the containers of all pods as processes of this machine. The node
/// stands for all hardware: selectors, taints and requests are not looked at.
/// </summary>
internal sealed class Kubelet
{
    private readonly KubeletServices _services;
    private readonly Scheduler _scheduler;
    private readonly Dictionary<string, PodWorker> _workers = [];
    private readonly List<Task> _ending = [];

    /// <param name="cluster">Where pods come from and statuses go.</param>
    /// <param name="folder">The kubelet's own: images, pods, claims and the ledger of processes.</param>
    /// <param name="source">The sandbox's registry.</param>
    /// <param name="drain">Asked before a pod that was ready is stopped.</param>
    /// <param name="options">Times and limits.</param>
    /// <param name="clock">The time.</param>
    public Kubelet(Cluster cluster, string folder, ImageSource source, DrainPod drain, KubeletOptions options, TimeProvider clock)
    {
        var pods = Path.Combine(folder, "pods");
        Logs = new PodLogs(pods, options.LogLimits, clock);
        _services = new KubeletServices(
            cluster, new ImageStore(Path.Combine(folder, "images"), source, options.UnpackLimits), new HostPorts(),
            new ProcessLedger(Path.Combine(folder, "processes")), Logs, options, clock, drain, pods, Path.Combine(folder, "claims"));
        _scheduler = new Scheduler(cluster, clock);
    }

    /// <summary>For the API's <c>log</c> subresource.</summary>
    public PodLogs Logs { get; }

    /// <summary>Kills what an earlier sandbox left behind. Before the API answers, so that nobody meets an old process.</summary>
    /// <returns>How many processes that were.</returns>
    public int Recover()
    {
        Directory.CreateDirectory(_services.PodsFolder);
        _services.Images.Recover();
        return _services.Ledger.Reap();
    }

    /// <summary>Runs pods until cancelled, and then ends all their processes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var claims = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watchClaims = WatchClaimsAsync(claims.Token);
        try
        {
            RemoveForgotten();
            await foreach (var change in _services.Cluster.WatchAsync(ResourceTypes.Pod, null, cancellationToken))
                Handle(change);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // An orderly end.
        }
        finally
        {
            await claims.CancelAsync();
            await watchClaims;
            foreach (var worker in _workers.Values)
                worker.Shutdown(_services.Options.ShutdownTime);
            await Task.WhenAll(_workers.Values.Select(worker => worker.Completion));
            // Pods that were deleted a moment ago: their processes and folders must be gone, too, when the sandbox is.
            await Task.WhenAll(_ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _services.Ports.Dispose();
        }
    }

    private void Handle(WatchEvent change)
    {
        try
        {
            Dispatch(change);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One pod that cannot be understood must not stop all others.
            _services.Cluster.RecordEvent(change.Object, "Warning", "FailedSync", $"error determining status: {e.Message}", "kubelet");
        }
    }

    private void Dispatch(WatchEvent change)
    {
        var pod = change.Object;
        var uid = (string)pod["metadata"]!["uid"]!;
        if (change.Type == WatchEventType.Deleted)
        {
            _scheduler.Forget(uid);
            if (_workers.Remove(uid, out var gone))
            {
                _ending.RemoveAll(ending => ending.IsCompleted);
                _ending.Add(EndAsync(gone));
            }

            return;
        }

        if (_workers.TryGetValue(uid, out var worker))
        {
            worker.Update(pod);
        }
        else if ((string?)pod["spec"]!["nodeName"] is not { } node)
        {
            if (pod["metadata"]!["deletionTimestamp"] is null)
                _scheduler.Schedule(pod);
            else
                _services.Cluster.Delete(new ObjectKey(ResourceTypes.Pod, (string)pod["metadata"]!["namespace"]!, (string)pod["metadata"]!["name"]!), 0);
        }
        else if (node == PodFields.NodeName)
        {
            worker = new PodWorker(_services, pod);
            _workers.Add(uid, worker);
            worker.Start();
            worker.Update(pod);
        }
    }

    private async Task EndAsync(PodWorker worker)
    {
        worker.Gone();
        await worker.Completion;
        _services.Images.CollectGarbage();
    }

    /// <summary>Folders of pods that went while the sandbox was down.</summary>
    private void RemoveForgotten()
    {
        var known = _services.Cluster.List(ResourceTypes.Pod).Select(pod => (string)pod["metadata"]!["uid"]!).ToHashSet();
        foreach (var folder in Directory.EnumerateDirectories(_services.PodsFolder).Where(folder => !known.Contains(Path.GetFileName(folder))).ToList())
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>A claim is bound when it is made, and its data goes when it goes. A pod may wait for it.</summary>
    private async Task WatchClaimsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in _services.Cluster.WatchAsync(ResourceTypes.PersistentVolumeClaim, null, cancellationToken))
            {
                var claim = change.Object;
                if (change.Type == WatchEventType.Deleted)
                {
                    var folder = PodVolumes.ClaimFolder(_services.ClaimsFolder, claim);
                    if (Directory.Exists(folder))
                        Directory.Delete(folder, recursive: true);
                    continue;
                }

                Bind(claim);
                _scheduler.Retry();
            }
        }
        catch (OperationCanceledException)
        {
            // The sandbox stops.
        }
    }

    private void Bind(JsonObject claim)
    {
        if ((string?)claim["status"]?["phase"] == "Bound")
            return;
        var metadata = claim["metadata"]!;
        var key = new ObjectKey(ResourceTypes.PersistentVolumeClaim, (string)metadata["namespace"]!, (string)metadata["name"]!);
        _services.Cluster.UpdateStatus(key, "kubelet", stored =>
        {
            stored["status"] = new JsonObject
            {
                ["phase"] = "Bound",
                ["accessModes"] = stored["spec"]?["accessModes"]?.DeepClone(),
                ["capacity"] = stored["spec"]?["resources"]?["requests"]?.DeepClone(),
            };
            return true;
        });
    }
}
