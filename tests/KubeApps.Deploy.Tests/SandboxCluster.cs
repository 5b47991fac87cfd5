using System.Diagnostics;
using System.Net.Http.Headers;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests;

/// <summary>A sandbox of its own for the tests of one class: a real server over the real wire, pods that really run.</summary>
public sealed class SandboxCluster : IAsyncLifetime
{
    private SandboxLauncher? _launcher;
    private SandboxEndpoint _endpoint = null!;

    // A folder as users have them: with spaces, and with letters that are not ASCII.
    internal string Home { get; } = Directory.CreateTempSubdirectory("kubeapps test – Jürgen 日本 ").FullName;

    internal KubeClient Client { get; private set; } = null!;

    internal ClusterConnection Connection { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _launcher = new SandboxLauncher(new SandboxLocation(Home, Metadata("SandboxFolder")) { ApiPort = 0, RegistryPort = 0 }, TimeProvider.System);
        _endpoint = await _launcher.EnsureRunningAsync(new EventLog(), CancellationToken.None);
        Connection = Connect(TimeProvider.System);
        Client = Connection.Client;
    }

    /// <summary>A way of its own to the sandbox: with another clock, or through something that stands between.</summary>
    internal ClusterConnection Connect(TimeProvider clock, DelegatingHandler? between = null)
    {
        HttpMessageHandler handler = Handler();
        if (between is not null)
        {
            between.InnerHandler = handler;
            handler = between;
        }

        var header = new AuthenticationHeaderValue("Bearer", _endpoint.Token);
        return new ClusterConnection("sandbox", new KubeClient(
            new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan }, _endpoint.ApiServer, _ => Task.FromResult<AuthenticationHeaderValue?>(header), clock));
    }

    public async ValueTask DisposeAsync()
    {
        Connection?.Dispose();
        await StopAsync();
        Directory.Delete(Home, recursive: true);
    }

    /// <summary>Down for a moment, then up again under the same address and with what it had stored.</summary>
    internal async Task RestartAsync()
    {
        await StopAsync();
        _endpoint = await _launcher!.EnsureRunningAsync(new EventLog(), CancellationToken.None);
    }

    internal async Task StopAsync()
    {
        if (_launcher is not null)
            await _launcher.StopAsync(CancellationToken.None);
    }

    internal string ApiServer => _endpoint.ApiServer;

    internal string Token => _endpoint.Token;

    /// <summary>Trusts the sandbox, and is not logged in.</summary>
    internal HttpClient ServerClient() => new(Handler()) { Timeout = Timeout.InfiniteTimeSpan };

    private SocketsHttpHandler Handler() =>
        ClusterConnection.Handler(_endpoint.ApiServer, [X509CertificateLoader.LoadCertificateFromFile(_endpoint.CaCertificate)], null, false, null);

    /// <summary>Runs kubectl, which must be on the path; returns what it printed.</summary>
    internal async Task<string> KubectlAsync(string command, string input = "")
    {
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", _endpoint.Kubeconfig, .. command.Split(' ')])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECACHEDIR"] = Path.Combine(Home, "kubectl-cache");
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"kubectl {command}: {await error}");
        return await output;
    }

    /// <summary>Logged in.</summary>
    internal HttpClient RegistryClient() => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri($"http://{_endpoint.Registry}"),
        DefaultRequestHeaders =
        {
            Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"kubeapps:{_endpoint.Token}"))),
        },
    };

    /// <summary>The program of the tests' pods.</summary>
    internal static string PodApp => Metadata("PodApp");

    /// <summary>The image in which every program of this machine's .NET runs.</summary>
    internal string Image => $"{_endpoint.Registry}/kubeapps/host-runtime:{Environment.Version.ToString(2)}";

    /// <summary>A bundle with one environment; its namespace is the app's name.</summary>
    internal static Bundle Bundle(string app, TimeSpan timeout, params (string Phase, JsonObject Content)[] objects) => new(
        1, app, null, false, new Dictionary<string, BundleImage>(),
        [
            new BundleEnvironment(
                "local", new BundleTarget("sandbox"), app, new BundleStrategy("rolling", timeout),
                [.. objects.Select(item => new BundleObject($"env/local/{((string)item.Content["kind"]!).ToLowerInvariant()}-{item.Content["metadata"]!["name"]}.yaml", item.Phase, item.Content))]),
        ]);

    internal (string Phase, JsonObject Content) Web(int replicas, string? config = null, string? image = null, params string[] arguments)
    {
        var args = new JsonArray([.. arguments.Prepend(Metadata("PodApp")).Select(argument => (JsonNode)argument)]);
        var environment = config is null ? "[]" : $$"""[{"name":"GREETING","valueFrom":{"configMapKeyRef":{"name":"{{config}}","key":"greeting"} } }]""";
        var content = Parse($$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":{{replicas}},"progressDeadlineSeconds":60,
             "selector":{"matchLabels":{"app":"web"} },
             "template":{"metadata":{"labels":{"app":"web"} },"spec":{"terminationGracePeriodSeconds":5,"containers":[
              {"name":"web","image":"{{image ?? Image}}","command":["dotnet"],"env":{{environment}},"ports":[{"name":"http","containerPort":8080}],
               "readinessProbe":{"httpGet":{"path":"/healthz","port":"http"},"periodSeconds":1} }]} } } }
            """);
        content["spec"]!["template"]!["spec"]!["containers"]![0]!["args"] = args;
        return ("main", content);
    }

    internal static (string Phase, JsonObject Content) WebService => ("main", Parse(
        """{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":"http"}]}}"""));

    internal (string Phase, JsonObject Content) Migration(params string[] arguments)
    {
        var content = Parse($$"""
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate"},"spec":{"backoffLimit":0,"template":{"spec":{"restartPolicy":"Never","containers":[
             {"name":"migrate","image":"{{Image}}","command":["dotnet"],
              "env":[{"name":"PASSWORD","valueFrom":{"secretKeyRef":{"name":"db","key":"password","optional":true} } }]}]} } } }
            """);
        content["spec"]!["template"]!["spec"]!["containers"]![0]!["args"] = new JsonArray([.. arguments.Prepend(Metadata("PodApp")).Select(argument => (JsonNode)argument)]);
        return ("before", content);
    }

    internal static (string Phase, JsonObject Content) DatabaseSecret => ("main", Parse(
        """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","annotations":{"kubeapps.dev/from-environment":"{\"password\":\"DB_PASSWORD\"}"}}}"""));

    internal static (string Phase, JsonObject Content) Config(string name) => ("main", Parse(
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"greeting":"hello"} }"""));

    internal static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static string Metadata(string key) => typeof(SandboxCluster).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == key).Value!;
}

/// <summary>Keeps what an operation told.</summary>
internal sealed class EventLog : IEventSink
{
    private readonly List<DeployEvent> _events = [];

    public IReadOnlyList<DeployEvent> Events
    {
        get
        {
            lock (_events)
                return [.. _events];
        }
    }

    /// <summary>Called with every event, before the operation goes on.</summary>
    public Action<DeployEvent>? OnEvent { get; init; }

    public void Publish(DeployEvent deployEvent)
    {
        lock (_events)
            _events.Add(deployEvent);
        OnEvent?.Invoke(deployEvent);
    }
}
