using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>The addresses and node ports of Services: unique, and kept for as long as a Service has a use for them.</summary>
internal sealed class ServiceAllocation(ObjectStore store)
{
    private const string NoAddress = "None";
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;

    // Of 65,000: as long as fewer are taken, or thought to be, a free one is found at once.
    private const int MostRemembered = 32_000;

    private readonly HashSet<string> _addresses = [];

    public void Allocate(ObjectKey key, JsonObject service)
    {
        var spec = service["spec"]!.AsObject();
        if (Json.Text(spec["type"]) == "ExternalName")
            return;
        if (string.IsNullOrEmpty(Json.Text(spec["clusterIP"])))
            spec["clusterIP"] = FreeAddress();
        var address = Json.Text(spec["clusterIP"])!;
        Remember(address);
        if (spec["clusterIPs"] is not JsonArray { Count: > 0 })
            spec["clusterIPs"] = new JsonArray(address);
        if (address != NoAddress || spec["selector"] is not null)
        {
            spec["ipFamilies"] ??= new JsonArray("IPv4");
            spec["ipFamilyPolicy"] ??= "SingleStack";
        }

        AllocateNodePorts(key, [], spec);
    }

    /// <summary>The address stays when a whole new object does not name it.</summary>
    public static void KeepAddress(JsonObject before, JsonObject after)
    {
        if (before["spec"] is not JsonObject old || after["spec"] is not JsonObject spec || Json.Text(spec["type"]) == "ExternalName")
            return;
        foreach (var field in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
            if (string.IsNullOrEmpty(spec[field] is JsonValue text ? (string?)text : spec[field]?.ToJsonString()) && old[field] is { } kept)
                spec[field] = kept.DeepClone();
    }

    /// <summary>After a change of the type or of the ports.</summary>
    public void AllocateAgain(ObjectKey key, JsonObject before, JsonObject after)
    {
        if (before["spec"] is JsonObject old && after["spec"] is JsonObject spec && !Json.Equal(old, spec))
            AllocateNodePorts(key, Ports(old), spec);
    }

    private void AllocateNodePorts(ObjectKey key, IReadOnlyList<JsonObject> before, JsonObject spec)
    {
        var ports = Ports(spec);
        var own = before.Select(NodePort).Where(number => number != 0).ToHashSet();
        if (Json.Text(spec["type"]) is not ("NodePort" or "LoadBalancer"))
        {
            foreach (var port in ports.Where(port => own.Contains(NodePort(port))))
                port.Remove("nodePort");
            return;
        }

        var taken = store.List(ResourceTypes.Service, null).Items.Where(service => !IsOf(service, key))
            .SelectMany(service => Ports(service["spec"])).Select(NodePort).ToHashSet();
        for (var index = 0; index < ports.Count; index++)
        {
            var asked = NodePort(ports[index]);
            if (asked == 0 || own.Contains(asked))
                continue;
            if (asked is < FirstNodePort or > LastNodePort)
                throw Refused(index, asked, $"provided port is not in the valid range. The range of valid ports is {FirstNodePort}-{LastNodePort}");
            if (taken.Contains(asked))
                throw Refused(index, asked, "provided port is already allocated");
        }

        taken.UnionWith(ports.Select(NodePort));
        foreach (var port in ports.Where(port => NodePort(port) == 0))
        {
            var kept = before.Where(old => Json.Equal(old["port"], port["port"]) && Json.Equal(old["protocol"], port["protocol"]))
                .Select(NodePort).FirstOrDefault();
            if (kept != 0 && taken.Add(kept))
                port["nodePort"] = Json.Number(kept);
            else if (Json.Boolean(spec["allocateLoadBalancerNodePorts"]) != false)
                port["nodePort"] = Json.Number(FreeNodePort(taken));
        }

        ApiStatusException Refused(int index, int asked, string why) =>
            ApiStatusException.Invalid(key.Type, key.Name, [FieldError.Invalid($"spec.ports[{index}].nodePort", Json.Number(asked), why)]);
    }

    private static bool IsOf(JsonObject service, ObjectKey key) =>
        Json.Text(service["metadata"]?["name"]) == key.Name && Json.Text(service["metadata"]?["namespace"]) == key.Namespace;

    private static List<JsonObject> Ports(JsonNode? spec) => [.. (spec?["ports"] as JsonArray ?? []).OfType<JsonObject>()];

    private static int NodePort(JsonObject port) => Json.SmallInteger(port["nodePort"]) ?? 0;

    private static int FreeNodePort(HashSet<int> taken)
    {
        var free = Random.Shared.Next(FirstNodePort, LastNodePort);
        while (!taken.Add(free))
            free = free == LastNodePort ? FirstNodePort : free + 1;
        return free;
    }

    /// <summary>An address of 10.96.0.0/16 that no Service has. It stands for the Service in objects; traffic goes to 127.0.0.1.</summary>
    private string FreeAddress()
    {
        lock (_addresses)
        {
            // What was ever given is remembered, so that not all Services are read for each new one; from time to time those that are gone are forgotten.
            if (_addresses.Count is 0 or > MostRemembered)
            {
                _addresses.Clear();
                _addresses.UnionWith(store.List(ResourceTypes.Service, null).Items.Select(service => Json.Text(service["spec"]?["clusterIP"])).OfType<string>());
            }

            while (true)
            {
                var number = Random.Shared.Next(256, 65_535);
                var address = string.Create(CultureInfo.InvariantCulture, $"10.96.{number >> 8}.{number & 255}");
                if (_addresses.Add(address))
                    return address;
            }
        }
    }

    private void Remember(string address)
    {
        lock (_addresses)
            if (_addresses.Count > 0)
                _addresses.Add(address);
    }
}
