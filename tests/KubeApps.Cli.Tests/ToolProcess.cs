using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using KubeApps.Bundles;

namespace KubeApps.Cli.Tests;

/// <summary>
/// The tool as users have it: a process of its own, with a sandbox of its own for the tests of one class. Its state is in a temporary folder,
/// its ports are free ones.
/// </summary>
public sealed class ToolProcess : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kubeapps-cli-");

    internal string Home => _home.FullName;

    private readonly Dictionary<string, string?> _variables = new()
    {
        ["KUBEAPPS_SANDBOX_API_PORT"] = "0",
        ["KUBEAPPS_SANDBOX_REGISTRY_PORT"] = "0",
        ["KUBEAPPS_SANDBOX_PATH"] = SandboxFolder,
        ["DOTNET_ROOT"] = Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory()),
        ["KUBECONFIG"] = null,
        ["GITHUB_ACTIONS"] = null,
    };

    /// <summary>What this build made.</summary>
    internal static string File => Metadata("Tool");

    /// <summary>What is started: the program in KUBEAPPS_TEST_TOOL, as build/test.sh makes it of the sources and as users have it; else what this build made.</summary>
    internal string Tool { get; set; } = Environment.GetEnvironmentVariable("KUBEAPPS_TEST_TOOL") is { Length: > 0 } native ? native : File;

    internal static string SandboxFolder => Metadata("SandboxFolder");

    /// <summary>The image in which every program of this machine's .NET runs.</summary>
    internal static string ImageOf(string registry) => $"{registry}/kubeapps/host-runtime:{Environment.Version.ToString(2)}";

    public ValueTask InitializeAsync()
    {
        _variables["KUBEAPPS_HOME"] = Home;
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        using (var process = Start("sandbox", "stop"))
            await process.WaitForExitAsync();
        _home.Delete(recursive: true);
    }

    internal Process Start(params string[] arguments) => Start([], arguments);

    internal Process Start(Dictionary<string, string?> variables, params string[] arguments)
    {
        // A runner in the background of a shell ignores SIGINT, and what it starts would, too.
        var start = new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : Tool, OperatingSystem.IsLinux() ? ["--default-signal=INT", Tool, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Home,
        };
        foreach (var (name, value) in _variables.Concat(variables))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    internal Task<(int Exit, string Out, string Error)> RunAsync(params string[] arguments) => RunAsync([], arguments);

    internal async Task<(int Exit, string Out, string Error)> RunAsync(Dictionary<string, string?> variables, params string[] arguments)
    {
        using var process = Start(variables, arguments);
        process.StandardInput.Close();
        return await EndAsync(process);
    }

    internal static async Task<(int Exit, string Out, string Error)> EndAsync(Process process)
    {
        var token = TestContext.Current.CancellationToken;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(token), process.StandardError.ReadToEndAsync(token));
        await process.WaitForExitAsync(token);
        return (process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }

    internal static async Task InterruptAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A bundle with a web server, and its service.</summary>
    internal string WriteBundle(string app, string registry, string readyPath = "/healthz", string variable = "", bool secret = false, string? commit = null, int replicas = 1, bool crashes = false)
    {
        var deployment = JsonNode.Parse($$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":{{replicas}},"selector":{"matchLabels":{"app":"web"} },
             "template":{"metadata":{"labels":{"app":"web"} },"spec":{"terminationGracePeriodSeconds":5,"containers":[
              {"name":"web","image":"{{ImageOf(registry)}}","command":["dotnet"],"env":[{"name":"VARIABLE","value":"{{variable}}"}],"ports":[{"name":"http","containerPort":8080}],
               "readinessProbe":{"httpGet":{"path":"{{readyPath}}","port":"http"},"periodSeconds":1} }]} } } }
            """)!.AsObject();
        deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["args"] = new JsonArray(crashes ? "nosuch.dll" : Metadata("PodApp"));
        var service = JsonNode.Parse(
            """{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":"http"}]}}""")!.AsObject();
        var password = JsonNode.Parse(
            """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","annotations":{"kubeapps.dev/from-environment":"{\"password\":\"DB_PASSWORD\"}","kubeapps.dev/generated":"[\"made\"]"}}}""")!.AsObject();
        var folder = Path.Combine(Home, $"bundle-{app}");
        BundleFiles.Write(
            new Bundle(
                1, app, commit, false, new Dictionary<string, BundleImage>(),
                [
                    new BundleEnvironment(
                        "local", new BundleTarget("sandbox"), app, new BundleStrategy("rolling", TimeSpan.FromMinutes(2)),
                        [
                            new BundleObject("env/local/deployment-web.yaml", "main", deployment), new BundleObject("env/local/service-web.yaml", "main", service),
                            .. secret ? (BundleObject[])[new BundleObject("env/local/secret-db.yaml", "main", password)] : [],
                        ]),
                ]),
            folder);
        return folder;
    }

    private static string Metadata(string key) =>
        typeof(ToolProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == key).Value!;
}
