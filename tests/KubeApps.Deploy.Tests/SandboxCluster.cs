using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests;

/// <summary>
/// A cluster for the tests of one class: a sandbox of its own (a real server over the real wire, pods that really run), or the one that
/// <c>KUBEAPPS_TEST_CONTEXT</c> names, see README.md. What needs the sandbox itself says so with <see cref="RequireSandbox"/>.
/// </summary>
public sealed class SandboxCluster : IAsyncLifetime
{
    private SandboxLauncher? _launcher;
    private SandboxEndpoint? _endpoint;
    private BorrowedCluster? _borrowed;
    private KubeconfigLogin _login = null!;

    // A folder as users have them: with spaces, and with letters that are not ASCII.
    internal string Home { get; } = Directory.CreateTempSubdirectory("kubeapps test – Jürgen 日本 ").FullName;

    internal KubeClient Client { get; private set; } = null!;

    internal ClusterConnection Connection { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (BorrowedCluster.Context is { } context)
        {
            _login = await KubeconfigTarget.LogInAsync(context, null, new EventLog(), TimeProvider.System, CancellationToken.None);
            _borrowed = await BorrowedCluster.TakeAsync(_login);
        }
        else
        {
            _launcher = new SandboxLauncher(new SandboxLocation(Home, Metadata("SandboxFolder")) { ApiPort = 0, RegistryPort = 0 }, TimeProvider.System);
            _endpoint = await _launcher.EnsureRunningAsync(new EventLog(), CancellationToken.None);
            _login = await KubeconfigTarget.LogInAsync(SandboxEndpoint.Context, _endpoint.Kubeconfig, new EventLog(), TimeProvider.System, CancellationToken.None) with { Description = "sandbox" };
        }

        Connection = Connect(TimeProvider.System);
        Client = Connection.Client;
    }

    /// <summary>A way of its own to the cluster: with another clock, or through something that stands between.</summary>
    internal ClusterConnection Connect(TimeProvider clock, DelegatingHandler? between = null)
    {
        if (between is not null)
            between.InnerHandler = Handler();
        return (_login with { NewHandler = () => between ?? Handler() }).Connect(clock);
    }

    public async ValueTask DisposeAsync()
    {
        Connection?.Dispose();
        if (_borrowed is not null)
            await _borrowed.DisposeAsync();
        await StopAsync();
        Directory.Delete(Home, recursive: true);
    }

    /// <summary>Skips the test where the cluster is not the sandbox: only that can be restarted, or has a registry that tests may fill with anything.</summary>
    internal void RequireSandbox()
    {
        if (_borrowed is not null)
            Assert.Skip($"Only with a sandbox of its own, not with {_login.Description}.");
    }

    /// <summary>The address of an app. Skips the rest of the test where the cluster gives it none that is reached from here.</summary>
    internal string Reach(IEnumerable<string> urls)
    {
        if (_borrowed is not null && !urls.Any())
            Assert.Skip($"{_login.Description} gives Services no address that is reached from here.");
        return Assert.Single(urls);
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

    internal string ApiServer => _login.Server;

    /// <summary>What names the cluster to the tool.</summary>
    internal string[] Named => _endpoint is { } sandbox ? ["--kubeconfig", sandbox.Kubeconfig, "--context", SandboxEndpoint.Context] : ["--context", BorrowedCluster.Context!];

    /// <summary>Trusts the cluster and is logged in.</summary>
    internal HttpClient ServerClient(DelegatingHandler? between = null)
    {
        HttpMessageHandler way = new LoggedIn(_login) { InnerHandler = Handler() };
        if (between is not null)
            (between.InnerHandler, way) = (way, between);
        return new HttpClient(way) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private HttpMessageHandler Handler() => _borrowed is null ? _login.NewHandler() : _borrowed.Guard(_login.NewHandler());

    /// <summary>Runs kubectl, which must be on the path; returns what it printed.</summary>
    internal async Task<string> KubectlAsync(string command, string input = "")
    {
        var start = new ProcessStartInfo("kubectl", [.. _endpoint is { } sandbox ? (string[])["--kubeconfig", sandbox.Kubeconfig] : ["--context", BorrowedCluster.Context!], .. command.Split(' ')])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECACHEDIR"] = Path.Combine(Home, "kubectl-cache");
        start.Environment["KUBECTL_APPLYSET"] = "true";
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"kubectl {command}: {await error}");
        return await output;
    }

    /// <summary>The sandbox's registry, logged in.</summary>
    internal HttpClient RegistryClient()
    {
        RequireSandbox();
        return new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri($"http://{_endpoint!.Registry}"),
            DefaultRequestHeaders =
            {
                Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"kubeapps:{_endpoint.Token}"))),
            },
        };
    }

    /// <summary>The program of the tests' pods, on this machine.</summary>
    internal static string PodApp => Metadata("PodApp");

    /// <summary>The same where the pods run.</summary>
    internal string PodProgram => _borrowed is null ? PodApp : BorrowedCluster.Program;

    /// <summary>The image of the tests' pods: in the sandbox every program of this machine's .NET runs in it.</summary>
    internal string Image => _borrowed is null ? $"{_endpoint!.Registry}/kubeapps/host-runtime:{Environment.Version.ToString(2)}" : BorrowedCluster.Image;

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
        var args = new JsonArray([.. arguments.Prepend(PodProgram).Select(argument => (JsonNode)argument)]);
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
        content["spec"]!["template"]!["spec"]!["containers"]![0]!["args"] = new JsonArray([.. arguments.Prepend(PodProgram).Select(argument => (JsonNode)argument)]);
        return ("before", content);
    }

    internal static (string Phase, JsonObject Content) DatabaseSecret => ("main", Parse(
        """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","annotations":{"kubeapps.dev/from-environment":"{\"password\":\"DB_PASSWORD\"}"}}}"""));

    internal static (string Phase, JsonObject Content) Config(string name) => ("main", Parse(
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"greeting":"hello"} }"""));

    internal static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    /// <summary>Says who sends a request.</summary>
    private sealed class LoggedIn(KubeconfigLogin login) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = await login.AuthorizeAsync(cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }

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
