using System.Globalization;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Targets;

/// <summary>Where the sandbox lives and how long its starter waits.</summary>
internal sealed record SandboxLocation
{
    public const string HomeVariable = "KUBEAPPS_HOME";
    public const string ProgramVariable = "KUBEAPPS_SANDBOX_PATH";
    public const string ApiPortVariable = "KUBEAPPS_SANDBOX_API_PORT";
    public const string RegistryPortVariable = "KUBEAPPS_SANDBOX_REGISTRY_PORT";
    // The sandbox's own choice.
    public const ushort DefaultApiPort = 7443;
    public const ushort DefaultRegistryPort = 7450;

    public const string ProgramFile = "kubeapps-sandbox.dll";

    /// <param name="home">KUBEAPPS_HOME.</param>
    /// <param name="program">The folder that holds <see cref="ProgramFile"/>.</param>
    public SandboxLocation(string home, string program)
    {
        Home = Path.GetFullPath(home);
        Program = Path.GetFullPath(program);
    }

    public string Home { get; }

    public string Program { get; }

    /// <summary>Null for the sandbox's own (7443); 0 for any, and the same again at the next start.</summary>
    public ushort? ApiPort { get; init; }

    /// <summary>Null for the sandbox's own (7450); 0 for any, and the same again at the next start.</summary>
    public ushort? RegistryPort { get; init; }

    /// <summary>The edge proxy in place of a sandbox: the same program, with a folder of its own.</summary>
    public bool IsEdge { get; private init; }

    /// <summary>For people.</summary>
    public string What => IsEdge ? "edge proxy" : "sandbox";

    /// <summary>The home of another sandbox whose registry has this one's images; null where it has a registry of its own.</summary>
    public string? ImagesOf { get; init; }

    /// <summary>From start to ready. A cold start takes less than a second; this is for a machine that is busy.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For an orderly stop, pods included; what runs then is killed.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The registry as references name it, whether it runs or not; a port that the system chose is not known beforehand.</summary>
    public string UsualRegistry => string.Create(CultureInfo.InvariantCulture, $"localhost:{RegistryPort ?? DefaultRegistryPort}");

    public string Folder => Path.Combine(Home, IsEdge ? "edge" : "sandbox");

    /// <summary>What the edge proxy keeps: which clusters get which share.</summary>
    public string RoutesFile => Path.Combine(Folder, "routes.json");

    public string EndpointFile => Path.Combine(Folder, "endpoint.json");

    public string FailureFile => Path.Combine(Folder, "failure.json");

    public string LogFile => Path.Combine(Folder, "logs", "sandbox.log");

    public string OutputFile => Path.Combine(Folder, "logs", "output.log");

    public string LaunchLock => Path.Combine(Folder, "launch.lock");

    public string Copies => Path.Combine(Folder, "bin");

    /// <summary>Where clusters lie that stand beside the sandbox, each in a folder of its name.</summary>
    public string Clusters => Path.Combine(Home, "clusters");

    /// <summary>The edge proxy of this home.</summary>
    public SandboxLocation Edge => new(Home, Program) { IsEdge = true, StartLimit = StartLimit, StopLimit = StopLimit };

    /// <summary>A cluster beside the sandbox: a sandbox of its own, on any port, with the same images.</summary>
    public SandboxLocation OfCluster(string name) =>
        new(Path.Combine(Clusters, name), Program) { ApiPort = 0, ImagesOf = Home, StartLimit = StartLimit, StopLimit = StopLimit };

    /// <summary>KUBEAPPS_HOME, or a folder in the user's local application data; null for a user who has none.</summary>
    public static string? FindHome()
    {
        if (Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } home)
            return home;
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length == 0 ? null : Path.Combine(data, "kubeapps");
    }

    /// <summary>As the environment says: KUBEAPPS_HOME or the user's local application data; the files beside the tool or KUBEAPPS_SANDBOX_PATH.</summary>
    public static SandboxLocation FromEnvironment()
    {
        var home = FindHome() ?? throw new DiagnosticException(DiagnosticDescriptors.SandboxHomeUnusable.Because("This user has no folder for application data."));
        var program = Environment.GetEnvironmentVariable(ProgramVariable);
        if (string.IsNullOrEmpty(program))
            program = Path.Combine(AppContext.BaseDirectory, "sandbox");
        else if (File.Exists(program))
            program = Path.GetDirectoryName(Path.GetFullPath(program))!;
        return new SandboxLocation(home, program) { ApiPort = ReadPort(ApiPortVariable), RegistryPort = ReadPort(RegistryPortVariable) };
    }

    private static ushort? ReadPort(string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text)
            return null;
        return ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : throw new DiagnosticException(DiagnosticDescriptors.SandboxPortInvalid.Because($"{variable} is '{text}'."));
    }
}
