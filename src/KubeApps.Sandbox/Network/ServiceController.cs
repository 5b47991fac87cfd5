using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Network;

/// <summary>
/// Services: for each port one on the loopback address that stays the same for the life of the service. The ready endpoints of its
/// EndpointSlices get the traffic. (Its cluster address is for show: nothing listens there.)
/// </summary>
internal sealed class ServiceController(Cluster cluster, TimeProvider clock) : IReconciler, IDisposable
{
    public const string Name = "service-controller";
    public const string UrlAnnotation = "kubeapps.dev/url";

    private readonly Dictionary<ObjectKey, Dictionary<int, ServedPort>> _proxies = [];
    private ImmutableArray<Backends> _serving = [];

    // The Services that note a port for themselves, those included that do not listen yet since this sandbox began anew.
    private Dictionary<int, ObjectKey>? _notes;

    public IReadOnlyList<Trigger> Triggers { get; } =
    [
        Trigger.Itself(ResourceTypes.Service),
        new Trigger(ResourceTypes.EndpointSlice, change => change.Object.Labels.Text(EndpointSliceController.ServiceLabel) is { } service
            ? [new ObjectKey(ResourceTypes.Service, change.Object.Namespace, service)]
            : []),
    ];

    public Next Reconcile(ObjectKey key)
    {
        var service = cluster.Get(key);
        var ports = service is null || service.IsTerminating || service.Spec.Text("type") == "ExternalName"
            ? []
            : service.Spec.Items("ports").Where(port => (port.Text("protocol") ?? "TCP") == "TCP" && port.Number("port") is not null)
                .DistinctBy(port => port.Count("port")).ToDictionary(port => port.Count("port"));
        StopOthers(key, ports.Keys);
        if (service is null)
            Forget(key);
        if (service is null || service.IsTerminating)
            return Next.OnChange;

        WarnOfUdp(service);
        foreach (var (number, port) in ports)
            if (!Proxies(key).ContainsKey(number))
                Proxies(key)[number] = Listen(service, port);
        if (ports.Count > 0)
            Describe(key);
        foreach (var (number, proxy) in Proxies(key))
            Connect(proxy.Backends, key, ports[number].Text("name") ?? "");
        ImmutableInterlocked.InterlockedExchange(ref _serving, [.. _proxies.Values.SelectMany(proxies => proxies.Values).Select(proxy => proxy.Backends)]);
        return Next.OnChange;
    }

    /// <summary>
    /// For the kubelet, between the moment when a pod is marked for deletion and the first signal to its processes: waits (never longer than the
    /// limit) until no service sends it requests any more.
    /// </summary>
    public Task DrainAsync(JsonObject pod, TimeSpan limit, CancellationToken cancellationToken) =>
        Task.WhenAll(_serving.Select(backends => backends.DrainAsync($"{pod.Namespace}/{pod.Name}", limit, cancellationToken)));

    public void Dispose()
    {
        foreach (var proxy in _proxies.Values.SelectMany(ports => ports.Values))
            proxy.Dispose();
        _proxies.Clear();
    }

    private Dictionary<int, ServedPort> Proxies(ObjectKey key) => _proxies.TryGetValue(key, out var ports) ? ports : _proxies[key] = [];

    private void StopOthers(ObjectKey key, IReadOnlyCollection<int> kept)
    {
        foreach (var (number, proxy) in Proxies(key).Where(proxy => !kept.Contains(proxy.Key)).ToList())
        {
            proxy.Dispose();
            Proxies(key).Remove(number);
        }

        if (Proxies(key).Count == 0)
            _proxies.Remove(key);
    }

    private ServedPort Listen(JsonObject service, JsonObject port)
    {
        var key = service.Key(ResourceTypes.Service);
        var number = port.Count("port");
        var name = new ServicePort($"{service.Namespace}/{service.Name}:{number}", ExpectsHttp(port));
        var noted = PortAnnotation.Read(service).TryGetValue(number, out var hostPort) ? hostPort : (int?)null;
        var backends = new Backends(clock);
        foreach (var candidate in LoopbackPorts.Candidates(name.Name, noted ?? port.Number("nodePort"), candidate => Notes().TryGetValue(candidate, out var holder) && holder != key))
        {
            if (PortProxy.TryStart(candidate, name, backends) is not { } proxy)
                continue;
            if (noted is not null && noted != candidate)
                cluster.RecordEvent(service, "Warning", "PortTaken",
                    $"Another process has taken port {noted} of 127.0.0.1: port {number} is on {candidate} from now on.", Name);
            return new ServedPort(proxy, backends);
        }

        throw new InvalidOperationException($"No port of 127.0.0.1 is free for {name.Name}.");
    }

    private Dictionary<int, ObjectKey> Notes() => _notes ??= cluster.List(ResourceTypes.Service)
        .SelectMany(service => PortAnnotation.Read(service).Values.Select(port => (Port: port, Key: service.Key(ResourceTypes.Service))))
        .DistinctBy(note => note.Port).ToDictionary(note => note.Port, note => note.Key);

    private void Forget(ObjectKey key)
    {
        foreach (var port in Notes().Where(note => note.Value == key).Select(note => note.Key).ToList())
            Notes().Remove(port);
    }

    private static bool ExpectsHttp(JsonObject port) =>
        (port.Text("appProtocol") ?? port.Text("name") ?? "") is var protocol
        && (protocol == "http" || protocol.StartsWith("http-", StringComparison.Ordinal) || protocol == "kubernetes.io/ws");

    /// <summary>Notes on the service where it can be reached.</summary>
    private void Describe(ObjectKey key)
    {
        var proxies = Proxies(key);
        foreach (var proxy in proxies.Values)
            Notes()[proxy.Port] = key;
        var hostPorts = PortAnnotation.Write(proxies.Select(proxy => KeyValuePair.Create(proxy.Key, proxy.Value.Port)));
        var stored = cluster.Update(key, Name, service =>
        {
            var first = service.Spec.Items("ports").First(port => proxies.ContainsKey(port.Count("port")));
            var scheme = first.Text("name") == "https" || first.Text("appProtocol") == "https" || first.Count("port") == 443 ? "https" : "http";
            service.Annotate(PortAnnotation.Key, hostPorts);
            service.Annotate(UrlAnnotation, $"{scheme}://127.0.0.1:{proxies[first.Count("port")].Port}");
            return true;
        });
        if (stored?.Spec.Text("type") == "LoadBalancer")
            cluster.UpdateStatus(key, Name, service =>
            {
                service.Editable("status")["loadBalancer"] = new JsonObject
                {
                    ["ingress"] = new JsonArray(new JsonObject { ["ip"] = IPAddress.Loopback.ToString(), ["ipMode"] = "VIP" }),
                };
                return true;
            });
    }

    private void WarnOfUdp(JsonObject service)
    {
        if (!_proxies.ContainsKey(service.Key(ResourceTypes.Service)) && service.Spec.Items("ports").Any(port => port.Text("protocol") is "UDP" or "SCTP"))
            cluster.RecordEvent(service, "Warning", "NotSupported", "The sandbox forwards TCP only: UDP and SCTP ports of this service lead nowhere.", Name);
    }

    private void Connect(Backends backends, ObjectKey key, string portName)
    {
        var ready = ImmutableArray.CreateBuilder<Backend>();
        var leaving = ImmutableArray.CreateBuilder<Backend>();
        foreach (var slice in cluster.List(ResourceTypes.EndpointSlice, key.Namespace).Where(slice => slice.Labels.Text(EndpointSliceController.ServiceLabel) == key.Name))
        {
            if (slice.Items("ports").FirstOrDefault(port => (port.Text("name") ?? "") == portName)?.Number("port") is not { } port)
                continue;
            foreach (var endpoint in slice.Items("endpoints"))
            {
                if (endpoint["addresses"] is not JsonArray { Count: > 0 } addresses || !IPAddress.TryParse((string?)addresses[0], out var address))
                    continue;
                var backend = new Backend($"{key.Namespace}/{endpoint.Part("targetRef").Text("name") ?? address.ToString()}", new IPEndPoint(address, port));
                var conditions = endpoint.Part("conditions");
                // An endpoint that says nothing about itself counts as ready.
                if (conditions["ready"] is null || conditions.Flag("ready"))
                    ready.Add(backend);
                else if (conditions.Flag("serving") && conditions.Flag("terminating"))
                    leaving.Add(backend);
            }
        }

        backends.Replace(ready.ToImmutable(), leaving.ToImmutable());
    }

    /// <summary>A port of a service: who listens, and where that leads.</summary>
    private sealed record ServedPort(PortProxy Proxy, Backends Backends) : IDisposable
    {
        public int Port => Proxy.Port;

        public void Dispose()
        {
            Backends.Replace([], []);
            Proxy.Dispose();
        }
    }
}
