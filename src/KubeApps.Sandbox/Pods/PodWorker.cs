using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;
using KubeApps.Sandbox.Pods.Containers;

namespace KubeApps.Sandbox.Pods;

/// <summary>One pod from its assignment to the node until it is gone: the order of its containers, its status, its end.</summary>
internal sealed class PodWorker
{
    private readonly PodContext _context;
    private readonly PodSpec _pod;
    private readonly List<ContainerRunner> _runners;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TimeSpan _grace;
    private DateTimeOffset _stopRequested;
    private PodFailure? _failure;
    private bool _ended;

    public PodWorker(KubeletServices services, JsonObject pod)
    {
        _pod = PodSpec.Parse(pod);
        _context = new PodContext(services, _pod);
        var waiting = new ContainerState.Waiting(_pod.InitContainers.Count > 0 ? "PodInitializing" : "ContainerCreating");
        _runners = [.. _pod.AllContainers.Select(spec =>
            new ContainerRunner(_context, PodRecovery.Snapshot(pod, spec, waiting, services.Clock.GetUtcNow()), WriteStatus))];
    }

    /// <summary>Done when the pod is gone, or when the sandbox stopped it.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public void Start() => Completion = Task.Run(RunAsync);

    /// <summary>The pod changed: all that matters here is that it is to go, or that a gate of others opened.</summary>
    public void Update(JsonObject pod)
    {
        if ((string?)pod["metadata"]!["deletionTimestamp"] is not null)
        {
            RequestStop(TimeSpan.FromSeconds(Json.SmallInteger(pod["metadata"]!["deletionGracePeriodSeconds"]) ?? _pod.GraceSeconds));
            _deleted.TrySetResult();
        }
        else if (_pod.ReadinessGates.Count > 0)
        {
            WriteStatus();
        }
    }

    /// <summary>The pod is no longer in the cluster (force deleted): its processes have no time left.</summary>
    public void Gone()
    {
        _context.Silent = true;
        RequestStop(TimeSpan.Zero);
        _deleted.TrySetResult();
    }

    /// <summary>The sandbox stops: processes end, the pod stays as it is written for the next start.</summary>
    public void Shutdown(TimeSpan grace)
    {
        _context.Silent = true;
        RequestStop(grace);
        _deleted.TrySetResult();
    }

    private IEnumerable<ContainerRunner> Sidecars => _runners.Where(runner => runner.Snapshot.Spec.IsSidecar);

    private IEnumerable<ContainerRunner> Mains => _runners.Where(runner => !runner.Snapshot.Spec.IsInit);

    private async Task RunAsync()
    {
        Task deadline = Task.CompletedTask;
        using var over = new CancellationTokenSource();
        try
        {
            if (!PodRecovery.IsTerminal(_pod.Object))
            {
                WriteStatus();
                deadline = EnforceDeadlineAsync(over.Token);
                await RunContainersAsync();
                await over.CancelAsync();
                await StopSidecarsAsync();
                _ended = true;
                WriteStatus();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What nobody thought of: the pod is lost, and says so; the others go on.
            _failure = new PodFailure("UnexpectedAdmissionError", $"the sandbox failed to run this pod: {e.Message}");
            _context.Warning(null, "FailedSync", _failure.Message);
            foreach (var runner in _runners)
                runner.RequestStop(TimeSpan.Zero);
            await Task.WhenAll(_runners.Select(runner => runner.Completion)).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            WriteStatus();
        }

        try
        {
            await _deleted.Task;
        }
        finally
        {
            await over.CancelAsync();
            await deadline;
            CleanUp();
        }
    }

    private async Task RunContainersAsync()
    {
        try
        {
            await SetUpVolumesAsync();
            foreach (var init in _runners.Where(runner => runner.Snapshot.Spec.IsInit))
            {
                Begin(init);
                if (init.Snapshot.Spec.IsSidecar)
                {
                    await Task.WhenAny(init.StartedOnce, init.Completion);
                    continue;
                }

                await init.Completion;
                if (!init.Succeeded)
                    return;
            }

            foreach (var main in Mains)
                Begin(main);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Those that run have been told; the others never will.
        }

        await Task.WhenAll(_runners.Where(runner => !runner.Snapshot.Spec.IsSidecar).Select(runner => runner.Completion));
    }

    /// <summary>In reverse order, each after the one before: an app may need its sidecars until its end.</summary>
    private async Task StopSidecarsAsync()
    {
        foreach (var sidecar in Sidecars.Reverse())
        {
            var left = _stopping.IsCancellationRequested
                ? _stopRequested + _grace - _context.Services.Clock.GetUtcNow()
                : TimeSpan.FromSeconds(_pod.GraceSeconds);
            sidecar.RequestStop(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            await sidecar.Completion;
        }
    }

    private async Task SetUpVolumesAsync()
    {
        while (true)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            try
            {
                MakePrivate(_context.Folder);
                _context.Volumes.Prepare();
                return;
            }
            catch (Exception e) when (e is VolumeException or IOException or UnauthorizedAccessException)
            {
                _context.Warning(null, "FailedMount", e.Message);
                await Task.Delay(_context.Services.Options.ConfigRetry, _context.Services.Clock, _stopping.Token);
            }
        }
    }

    private async Task EnforceDeadlineAsync(CancellationToken cancellationToken)
    {
        if (_pod.ActiveDeadlineSeconds is not { } seconds)
            return;
        var started = DateTimeOffset.TryParse(
            (string?)_pod.Object["status"]?["startTime"], System.Globalization.CultureInfo.InvariantCulture, out var earlier)
            ? earlier : _context.Services.Clock.GetUtcNow();
        try
        {
            var left = started + TimeSpan.FromSeconds(seconds) - _context.Services.Clock.GetUtcNow();
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _context.Services.Clock, cancellationToken);
            _failure = new PodFailure("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
            _context.Warning(null, "DeadlineExceeded", _failure.Message);
            RequestStop(TimeSpan.FromSeconds(_pod.GraceSeconds));
        }
        catch (OperationCanceledException)
        {
            // The pod was done in time.
        }
    }

    private void Begin(ContainerRunner runner)
    {
        lock (_gate)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            runner.Start();
        }
    }

    private void RequestStop(TimeSpan grace)
    {
        lock (_gate)
        {
            if (!_stopping.IsCancellationRequested)
                _stopRequested = _context.Services.Clock.GetUtcNow();
            _grace = grace;
            _stopping.Cancel();
        }

        // Sidecars of a pod whose containers are still waiting or running go last; without time left, all go at once.
        foreach (var runner in _runners.Where(runner => !runner.Snapshot.Spec.IsSidecar || grace == TimeSpan.Zero))
            runner.RequestStop(grace);
    }

    private void WriteStatus()
    {
        // One after the other, so that an older snapshot never overwrites a newer one.
        lock (_gate)
            _context.UpdateStatus(stored => PodStatus.Write(
                stored, _pod, [.. _runners.Select(runner => runner.Snapshot)], _context.Services.Clock.GetUtcNow(), _ended, _failure));
    }

    private void CleanUp()
    {
        _context.ReleasePorts();
        if (_context.Silent && _context.Services.Cluster.Get(_context.Key) is { } stored && (string?)stored["metadata"]!["uid"] == _pod.Uid)
            return; // The sandbox stops: logs and volumes stay.
        if (Directory.Exists(_context.Folder))
            Directory.Delete(_context.Folder, recursive: true);
        if (!_context.Silent)
            _context.Services.Cluster.Delete(_context.Key, gracePeriodSeconds: 0);
    }

    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
