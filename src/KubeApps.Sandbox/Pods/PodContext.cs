using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;
using KubeApps.Sandbox.Pods.Containers;
using KubeApps.Sandbox.Pods.Images;
using KubeApps.Sandbox.Pods.Logs;
using KubeApps.Sandbox.Pods.Processes;

namespace KubeApps.Sandbox.Pods;

/// <summary>What all pods share.</summary>
internal sealed record KubeletServices(
    Cluster Cluster, ImageStore Images, HostPorts Ports, ProcessLedger Ledger, PodLogs Logs, KubeletOptions Options, TimeProvider Clock,
    DrainPod Drain, string PodsFolder, string ClaimsFolder);

/// <summary>Waits, at most so long, until nothing sends requests to a pod any more that is about to be stopped.</summary>
internal delegate Task DrainPod(JsonObject pod, TimeSpan limit, CancellationToken cancellationToken);

/// <summary>What the containers of one pod share: its folders, volumes, ports, and its place in the cluster.</summary>
internal sealed class PodContext
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, int> _ports = [];

    public PodContext(KubeletServices services, PodSpec pod)
    {
        Services = services;
        Pod = pod;
        Key = new ObjectKey(ResourceTypes.Pod, pod.Namespace, pod.Name);
        Folder = Path.Combine(services.PodsFolder, pod.Uid);
        Volumes = new PodVolumes(services.Cluster, pod, Path.Combine(Folder, "volumes"), services.ClaimsFolder);
        Environment = new ContainerEnvironment(services.Cluster, pod);
    }

    public KubeletServices Services { get; }

    public PodSpec Pod { get; }

    public ObjectKey Key { get; }

    public string Folder { get; }

    public PodVolumes Volumes { get; }

    public ContainerEnvironment Environment { get; }

    /// <summary>When true, nothing is reported any more: the sandbox stops, and the next one goes on from what is written.</summary>
    public bool Silent { get; set; }

    public void Normal(ContainerSpec? container, string reason, string message) => Record("Normal", container, reason, message);

    public void Warning(ContainerSpec? container, string reason, string message) => Record("Warning", container, reason, message);

    /// <summary>
    /// The container's ports with their host ports: those that it declares, those that its probes ask, and, if there are none, those
    /// that its image exposes. Written to the pod when new.
    /// </summary>
    public IReadOnlyList<KeyValuePair<int, int>> TakePorts(ContainerSpec container, ImageConfig image)
    {
        var probed = new[] { container.Startup?.Action, container.Readiness?.Action, container.Liveness?.Action, container.PostStart, container.PreStop }
            .Select(action => int.TryParse(action?.TargetPort, CultureInfo.InvariantCulture, out var port) ? port : 0).Where(port => port > 0);
        var numbers = container.Ports.Where(port => port.IsTcp).Select(port => port.Number).Concat(probed).Distinct().ToList();
        if (numbers.Count == 0)
            numbers.AddRange(image.ExposedPorts);
        lock (_gate)
        {
            var isNew = false;
            foreach (var number in numbers)
                isNew |= _ports.TryAdd(number, 0);
            foreach (var number in numbers.Where(number => _ports[number] == 0))
                _ports[number] = Services.Ports.Take();
            if (isNew)
                Annotate();
            return [.. numbers.Select(number => KeyValuePair.Create(number, _ports[number]))];
        }
    }

    /// <summary>The host's port for a port of a container, given by number or name; null if there is none.</summary>
    public int? HostPort(ContainerSpec container, string port)
    {
        if (!int.TryParse(port, CultureInfo.InvariantCulture, out var number))
            number = container.Ports.FirstOrDefault(candidate => candidate.Name == port)?.Number ?? 0;
        lock (_gate)
            return _ports.TryGetValue(number, out var found) ? found : null;
    }

    public void ReleasePorts()
    {
        lock (_gate)
        {
            foreach (var port in _ports.Values)
                Services.Ports.Release(port);
            _ports.Clear();
        }
    }

    /// <summary>Changes the pod's status, if it is still this pod and not one that has its name.</summary>
    public JsonObject? UpdateStatus(Action<JsonObject> change) => Silent ? null : Services.Cluster.UpdateStatus(Key, "kubelet", stored =>
    {
        if (stored.Uid != Pod.Uid)
            return false;
        change(stored);
        return true;
    });

    private void Annotate() => Services.Cluster.Update(Key, "kubelet", stored =>
    {
        if (stored.Uid != Pod.Uid)
            return false;
        stored.Annotate(PortAnnotation.Key, PortAnnotation.Write(_ports));
        return true;
    });

    private void Record(string type, ContainerSpec? container, string reason, string message)
    {
        if (!Silent)
            Services.Cluster.RecordEvent(Pod.Object, type, reason, message, "kubelet", container?.FieldPath, PodFields.NodeName);
    }
}
