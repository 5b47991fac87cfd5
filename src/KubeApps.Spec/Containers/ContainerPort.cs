using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>The protocol of a port.</summary>
public enum PortProtocol
{
    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>SCTP.</summary>
    Sctp,
}

/// <summary>A port on which a container listens. Containers of one pod share its ports: no two can have the same number.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports"/>
public sealed class ContainerPort
{
    [JsonConstructor]
    internal ContainerPort()
    {
    }

    /// <summary>A named port.</summary>
    /// <param name="name">By which services and probes name it: at most 15 lower-case letters, digits and hyphens, with a letter.</param>
    /// <param name="port">1 to 65535. ASP.NET Core images listen on 8080.</param>
    /// <param name="protocol">Default: TCP.</param>
    public ContainerPort(string name, int port, PortProtocol protocol = PortProtocol.Tcp) => (Name, Port, Protocol) = (name, port, protocol);

    /// <summary>By which services and probes name it.</summary>
    public string Name { get; set; } = "";

    /// <summary>The number, 1 to 65535.</summary>
    public int Port { get; set; }

    /// <summary>The protocol. Default: TCP.</summary>
    public PortProtocol Protocol { get; set; }
}
