using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Network;

/// <summary>Which port of 127.0.0.1 a service port gets.</summary>
internal static class LoopbackPorts
{
    // The range of node ports: below what operating systems give to outgoing connections, so that it is free again after a restart.
    private const int First = 30000;
    private const int Count = 2768;

    /// <summary>
    /// The ports to try, in order: the wanted one (noted or asked for), then the range from a place that the name decides, so that the same service
    /// gets the same port on a fresh sandbox, too.
    /// </summary>
    public static IEnumerable<int> Candidates(string name, int? wanted, Func<int, bool> isTaken)
    {
        if (wanted is { } first)
            yield return first;
        var start = Hash(name);
        for (var i = 0; i < Count; i++)
            if (First + (start + i) % Count is var port && !isTaken(port))
                yield return port;
    }

    private static int Hash(string name) => (int)(TemplateHash.Number(name) % Count);
}
