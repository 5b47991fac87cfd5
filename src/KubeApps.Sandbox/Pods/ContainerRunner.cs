using System.Security.Cryptography;
using KubeApps.Sandbox.Pods.Containers;
using KubeApps.Sandbox.Pods.Images;
using KubeApps.Sandbox.Pods.Processes;

namespace KubeApps.Sandbox.Pods;

/// <summary>
/// One container from its image to its end: pulls, makes, starts, probes, restarts by the pod's policy. What it is at is in
/// <see cref="Snapshot"/>; every change of that is announced.
/// </summary>
internal sealed class ContainerRunner
{
    private readonly PodContext _context;
    private readonly ContainerSpec _spec;
    private readonly Action _changed;
    private readonly BackOff _backOff;
    private readonly ProbeListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TimeSpan _grace;
    private ContainerProcess? _process;
    private UnpackedImage? _image;

    public ContainerRunner(PodContext context, ContainerSnapshot initial, Action changed)
    {
        _context = context;
        _spec = initial.Spec;
        _changed = changed;
        _backOff = new BackOff(context.Services.Options, context.Services.Clock);
        Snapshot = initial;
        _listener = new ProbeListener(
            () =>
            {
                Change(snapshot => snapshot with { Started = true });
                _started.TrySetResult();
            },
            ready => Change(snapshot => snapshot with { Ready = ready }),
            (probe, output) => context.Warning(_spec, "Unhealthy", $"{probe} probe failed: {output}"));
    }

    public ContainerSnapshot Snapshot { get; private set; }

    /// <summary>Done when it will not run again.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Done when it has started once, in the sense of its startup probe.</summary>
    public Task StartedOnce => _started.Task;

    public bool Succeeded => Snapshot.State is ContainerState.Terminated { ExitCode: 0 };

    public void Start() => Completion = Task.Run(RunAsync);

    /// <summary>Ends the container for good. A second call can only shorten the time that it has.</summary>
    public void RequestStop(TimeSpan grace)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                if (grace < _grace && grace == TimeSpan.Zero)
                    _process?.Kill();
                _grace = grace < _grace ? grace : _grace;
                return;
            }

            _grace = grace;
        }

        _stopping.Cancel();
    }

    private KubeletServices Services => _context.Services;

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var ended = await RunOnceAsync();
                Change(snapshot => snapshot with { State = ended, Started = false, Ready = false });
                if (_stopping.IsCancellationRequested || !RunsAgain(ended.ExitCode))
                    return;
                await BackOffAsync(ended);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It was waiting for something, and has nothing to stop. What it was before stays visible.
            Change(snapshot => snapshot.State is ContainerState.Waiting && snapshot.LastTermination is { } last
                ? snapshot with { State = last, LastTermination = null }
                : snapshot);
        }
        finally
        {
            if (_image is { } image)
                Services.Images.Release(image.Digest);
        }
    }

    private bool RunsAgain(int exitCode) => _spec switch
    {
        { IsSidecar: true } => true,
        { IsInit: true } => exitCode != 0 && _context.Pod.RestartPolicy != "Never",
        _ => _context.Pod.RestartPolicy == "Always" || (_context.Pod.RestartPolicy == "OnFailure" && exitCode != 0),
    };

    private async Task BackOffAsync(ContainerState.Terminated ended)
    {
        var wait = _backOff.AfterFailure();
        if (wait > TimeSpan.Zero)
        {
            var text = BackOff.Text(wait);
            // As a kubelet does it: whoever sees the state finds the event.
            _context.Warning(_spec, "BackOff", $"Back-off restarting failed container {_spec.Name} in pod {_context.Pod.FullName}");
            Change(snapshot => snapshot with
            {
                State = new ContainerState.Waiting("CrashLoopBackOff", $"back-off {text} restarting failed container={_spec.Name} pod={_context.Pod.FullName}"),
                LastTermination = ended,
            });
            await Task.Delay(wait, Services.Clock, _stopping.Token);
        }
    }

    private async Task<ContainerState.Terminated> RunOnceAsync()
    {
        var image = _image = await PullAsync();
        while (true)
        {
            try
            {
                return await RunImageAsync(image);
            }
            catch (Exception e) when (e is ContainerException { Reason: not ContainerException.StartError } or IOException or UnauthorizedAccessException)
            {
                var reason = (e as ContainerException)?.Reason ?? ContainerException.CreateError;
                Wait(reason, e.Message);
                _context.Warning(_spec, "Failed", $"Error: {e.Message}");
                await Task.Delay(Services.Options.ConfigRetry, Services.Clock, _stopping.Token);
                _context.Normal(_spec, "Pulled", $"Container image \"{_spec.Image}\" already present on machine");
            }
        }
    }

    private async Task<UnpackedImage> PullAsync()
    {
        // A restart uses the image that is here already; what it was told when it was pulled first, holds.
        if (_image is { } held)
        {
            _context.Normal(_spec, "Pulled", $"Container image \"{_spec.Image}\" already present on machine");
            return held;
        }

        var pull = new ImagePull(_context, _spec, (reason, message) => Wait(reason, message));
        return await pull.RunAsync(_stopping.Token);
    }

    private async Task<ContainerState.Terminated> RunImageAsync(UnpackedImage image)
    {
        _stopping.Token.ThrowIfCancellationRequested();
        var run = Prepare(image);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var containerId = $"sandbox://{id}";
        var log = Services.Logs.Create(_context.Pod.Uid, _spec.Name, containerId, Snapshot.ContainerId);
        try
        {
            _context.Normal(_spec, "Created", $"Created container: {_spec.Name}");
            ContainerProcess process;
            try
            {
                if (run.StartError is { } error)
                    throw error;
                process = ContainerProcess.Start(run.Start!, log.Write, Services.Ledger);
            }
            catch (Exception e) when (e is ProcessStartException or ContainerException)
            {
                var message = e is ContainerException ? e.Message : ContainerException.NotStarted(run.Command[0], e.Message).Message;
                _context.Warning(_spec, "Failed", $"Error: {message}");
                Begin(image, containerId, new ContainerState.Waiting("ContainerCreating"));
                return new ContainerState.Terminated(
                    128, ContainerException.StartError, message, DateTimeOffset.UnixEpoch, Services.Clock.GetUtcNow(), containerId);
            }

            lock (_gate)
                _process = process;
            var startedAt = Services.Clock.GetUtcNow();
            _context.Normal(_spec, "Started", $"Started container {_spec.Name}");
            Begin(image, containerId, new ContainerState.Running(startedAt));
            await AttendAsync(process, run, image);
            var code = await process.Exited;
            lock (_gate)
                _process = null;
            log.Dispose();
            return new ContainerState.Terminated(
                code, code == 0 ? "Completed" : "Error", TerminationMessage(run.Root, containerId, code), startedAt, Services.Clock.GetUtcNow(), containerId);
        }
        finally
        {
            Services.Logs.End(containerId);
        }
    }

    /// <summary>Watches over the process until it has ended, by itself or because a probe, a hook or the pod's end asked for it.</summary>
    private async Task AttendAsync(ContainerProcess process, PreparedRun run, UnpackedImage image)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var actions = run.Actions!;
        var attendance = AttendWhileRunningAsync();
        await Task.WhenAny(process.Exited, attendance);
        await ending.CancelAsync();
        var failure = await attendance;
        if (process.Exited.IsCompleted)
            return;
        if (_stopping.IsCancellationRequested)
        {
            _context.Normal(_spec, "Killing", $"Stopping container {_spec.Name}");
            await StopAsync(process, actions, image, () => _grace, drains: !_context.Silent && Snapshot.Ready && !_spec.IsInit);
            return;
        }

        var (message, grace) = failure!.Value;
        _context.Normal(_spec, "Killing", message);
        await StopAsync(process, actions, image, () => _stopping.IsCancellationRequested ? _grace : grace, drains: false);

        async Task<(string Message, TimeSpan Grace)?> AttendWhileRunningAsync()
        {
            var podGrace = TimeSpan.FromSeconds(_context.Pod.GraceSeconds);
            try
            {
                if (_spec.PostStart is { } hook && await actions.RunAsync(hook, podGrace, ending.Token) is { Succeeded: false })
                {
                    _context.Warning(_spec, "FailedPostStartHook", "PostStartHook failed");
                    return ("FailedPostStartHook", podGrace);
                }

                var probes = new ContainerProbes(_spec, actions, _listener, Services.Options, Services.Clock);
                var (name, probe) = await probes.RunAsync(ending.Token);
                return ($"Container {_spec.Name} failed {name} probe, will be restarted",
                    probe.GraceSeconds is { } own ? TimeSpan.FromSeconds(own) : podGrace);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    private async Task StopAsync(ContainerProcess process, ContainerActions actions, UnpackedImage image, Func<TimeSpan> grace, bool drains)
    {
        var start = Services.Clock.GetUtcNow();
        if (grace() > TimeSpan.Zero)
        {
            if (drains)
                await DrainAsync(process);
            if (_spec.PreStop is { } hook)
            {
                using var over = new CancellationTokenSource();
                var running = actions.RunAsync(hook, Left(), over.Token);
                await Task.WhenAny(running, process.Exited);
                await over.CancelAsync();
                if (running.IsCompletedSuccessfully && running.Result is { Succeeded: false })
                    _context.Warning(_spec, "FailedPreStopHook", "PreStopHook failed");
                await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            // A hook that took all the time leaves two seconds, as in the kubelet.
            var left = Left() is var rest && rest > TimeSpan.FromSeconds(2) || _spec.PreStop is null ? rest : TimeSpan.FromSeconds(2);
            if (process.RequestStop(image.Config.StopSignal))
                await Task.WhenAny(process.Exited, Task.Delay(left, Services.Clock));
        }

        process.Kill();
        await process.Exited;

        TimeSpan Left() => start + grace() - Services.Clock.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task DrainAsync(ContainerProcess process)
    {
        using var over = new CancellationTokenSource();
        await Task.WhenAny(process.Exited, Services.Drain(_context.Pod.Object, Services.Options.DrainLimit, over.Token));
        await over.CancelAsync();
    }

    private PreparedRun Prepare(UnpackedImage image)
    {
        var mounts = _context.Volumes.MountsOf(_spec);
        var ports = _context.TakePorts(_spec, image.Config);
        var root = ContainerRoot.Create(Path.Combine(_context.Folder, "containers", _spec.Name), image.Root, mounts);
        var environment = _context.Environment.Compose(_spec, image.Config, root, ports);
        List<string> command = [.. _spec.Command.Count > 0 ? _spec.Command : image.Config.Entrypoint];
        command.AddRange(_spec.Arguments.Count > 0 ? _spec.Arguments : _spec.Command.Count > 0 ? [] : image.Config.Command);
        command = [.. command.Select(part => VariableExpansion.Expand(part, environment.GetValueOrDefault))];
        var workingDirectory = _spec.WorkingDirectory ?? image.Config.WorkingDirectory;
        try
        {
            var start = ContainerCommand.Resolve(root, command, environment, workingDirectory);
            return new PreparedRun(root, command, start, new ContainerActions(_context, _spec, root, start, workingDirectory), null);
        }
        catch (ContainerException e) when (e.Reason == ContainerException.StartError)
        {
            return new PreparedRun(root, command, null, null, e);
        }
    }

    /// <summary>A new run takes over: what the container was before becomes its last state.</summary>
    private void Begin(UnpackedImage image, string containerId, ContainerState state) => Change(snapshot => snapshot with
    {
        State = state,
        LastTermination = snapshot.State as ContainerState.Terminated ?? snapshot.LastTermination,
        RestartCount = snapshot.ContainerId is null ? snapshot.RestartCount : snapshot.RestartCount + 1,
        ImageId = image.Id,
        ContainerId = containerId,
        Started = false,
        Ready = false,
    });

    private void Wait(string reason, string message) => Change(snapshot => snapshot with
    {
        State = new ContainerState.Waiting(reason, message),
        LastTermination = snapshot.State as ContainerState.Terminated ?? snapshot.LastTermination,
    });

    private string? TerminationMessage(ContainerRoot root, string containerId, int code)
    {
        const int MostBytes = 4096;
        const int MostLogBytes = 2048;
        const int MostLogLines = 80;
        var path = root.Resolve((string?)_spec.Object["terminationMessagePath"] ?? "/dev/termination-log");
        if (File.Exists(path) && File.ReadAllText(path) is { Length: > 0 } text)
            return text.Length > MostBytes ? text[^MostBytes..] : text;
        return code != 0 && (string?)_spec.Object["terminationMessagePolicy"] == "FallbackToLogsOnError"
            && Services.Logs.Tail(_context.Pod.Uid, _spec.Name, containerId, MostLogLines, MostLogBytes) is { Length: > 1 } tail ? tail : null;
    }

    private void Change(Func<ContainerSnapshot, ContainerSnapshot> change)
    {
        lock (_gate)
        {
            var after = change(Snapshot);
            if (after == Snapshot)
                return;
            Snapshot = after;
        }

        _changed();
    }

    private sealed record PreparedRun(
        ContainerRoot Root, IReadOnlyList<string> Command, ProcessStart? Start, ContainerActions? Actions, ContainerException? StartError);
}
