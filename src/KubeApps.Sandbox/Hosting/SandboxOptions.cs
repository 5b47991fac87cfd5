using System.Globalization;

namespace KubeApps.Sandbox.Hosting;

/// <summary>What the command line and the environment say.</summary>
/// <param name="Home">KUBEAPPS_HOME: the folder that holds the sandbox's own.</param>
/// <param name="ApiPort">The API's port; 0 means any, and the same again at the next start if it is free.</param>
/// <param name="RegistryPort">The registry's port; 0 as for the API.</param>
/// <param name="Background">Leave the starter's terminal and its output behind.</param>
/// <param name="Build">What the starter calls these program files, so that it can tell when they are outdated.</param>
/// <param name="ImagesOf">The KUBEAPPS_HOME of another sandbox, whose registry has the images; null for a registry of its own.</param>
internal sealed record SandboxOptions(
    string Home, int ApiPort, int RegistryPort, bool Background = false, string? Build = null, string? ImagesOf = null)
{
    public const int DefaultApiPort = 7443;
    public const int DefaultRegistryPort = 7450;
    public const string ApiPortVariable = "KUBEAPPS_SANDBOX_API_PORT";
    public const string RegistryPortVariable = "KUBEAPPS_SANDBOX_REGISTRY_PORT";

    /// <summary>The edge proxy, in place of a sandbox.</summary>
    public bool IsEdge { get; init; }

    public const string Usage =
        """
        usage: kubeapps-sandbox run --home DIR [--api-port N] [--registry-port N | --images-of DIR] [--background] [--build NAME]
               kubeapps-sandbox edge --home DIR [--background] [--build NAME]

        It is started by 'dotnet kubeapp sandbox start' and by every local deploy.
        """;

    /// <summary>Reads <c>run …</c> or <c>edge …</c>; null if the arguments are not understood.</summary>
    public static SandboxOptions? Parse(string[] args, Func<string, string?> environment)
    {
        if (args is not ["run" or "edge", ..])
            return null;
        string? home = null, apiPort = environment(ApiPortVariable), registryPort = environment(RegistryPortVariable), build = null, imagesOf = null;
        var background = false;
        for (var i = 1; i < args.Length; i++)
        {
            if (args[i] == "--background")
            {
                background = true;
                continue;
            }

            if (i + 1 == args.Length)
                return null;
            switch (args[i])
            {
                case "--home":
                    home = args[++i];
                    break;
                case "--api-port":
                    apiPort = args[++i];
                    break;
                case "--registry-port":
                    registryPort = args[++i];
                    break;
                case "--images-of":
                    imagesOf = args[++i];
                    break;
                case "--build":
                    build = args[++i];
                    break;
                default:
                    return null;
            }
        }

        return !string.IsNullOrEmpty(home) && ParsePort(apiPort, DefaultApiPort) is { } api && ParsePort(registryPort, DefaultRegistryPort) is { } registry
            ? new SandboxOptions(home, api, registry, background, build, imagesOf) { IsEdge = args[0] == "edge" }
            : null;
    }

    private static int? ParsePort(string? text, int otherwise) =>
        string.IsNullOrEmpty(text) ? otherwise
        : ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;
}
