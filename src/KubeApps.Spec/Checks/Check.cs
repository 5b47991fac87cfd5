using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>What a <see cref="Check"/> does.</summary>
public enum CheckKind
{
    /// <summary>Sends an HTTP GET to a service.</summary>
    Http,

    /// <summary>Connects to a service.</summary>
    Tcp,

    /// <summary>Runs a command where the deploy runs.</summary>
    Command,

    /// <summary>Runs a Job in the cluster.</summary>
    Job,
}

/// <summary>
/// Decides whether a new version is good. All checks of an app must pass: on a pod of the new version before it takes the place of the old
/// one, or on what was rolled out where there is nothing to replace yet or the workload cannot run twice.
/// </summary>
/// <example>
/// <code>
/// app.Checks.Add(Check.Http(web, "/healthz"));
/// app.Checks.Add(Check.Http(web, "/", bodyContains: "Welcome", maxLatency: TimeSpan.FromMilliseconds(500)));
/// app.Checks.Add(Check.Tcp(database) with { Timeout = TimeSpan.FromMinutes(5) });
/// </code>
/// </example>
public sealed record Check
{
    [JsonConstructor]
    internal Check()
    {
    }

    private Check(CheckKind kind, string name, string file, int line) => (Kind, Name, Location) = (kind, name, new SourceLocation(file, line));

    /// <summary>What it does.</summary>
    [JsonInclude]
    public CheckKind Kind { get; internal set; }

    /// <summary>What reports call it. Default: made of its kind and what it asks.</summary>
    public string Name { get; set; } = "";

    /// <summary>The service that it asks, by name.</summary>
    [JsonInclude]
    public string? Service { get; internal set; }

    /// <summary>The name of the service's port. Default: its first.</summary>
    public string? Port { get; set; }

    /// <summary>The path of an HTTP check.</summary>
    [JsonInclude]
    public string? Path { get; internal set; }

    /// <summary>The status that an HTTP check expects. Default: 200.</summary>
    public int? Status { get; set; }

    /// <summary>A text that the answer to an HTTP check must hold. Default: anything.</summary>
    public string? BodyContains { get; set; }

    /// <summary>How long the answer to an HTTP check may take. Default: up to <see cref="Timeout"/>.</summary>
    public TimeSpan? MaxLatency { get; set; }

    /// <summary>The program and its arguments. Not run through a shell. <c>KUBEAPP_URL</c> holds the app's address.</summary>
    [JsonInclude]
    public List<string> Command { get; internal set; } = [];

    /// <summary>The Job that must succeed, by name.</summary>
    [JsonInclude]
    public string? Job { get; internal set; }

    /// <summary>How long it is tried again until it passes. Default: 1 minute.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    internal SourceLocation? Location { get; }

    /// <summary>An HTTP GET to a service.</summary>
    /// <param name="service">The service, by name.</param>
    /// <param name="path">The path.</param>
    /// <param name="status">The status that is expected.</param>
    /// <param name="bodyContains">A text that the answer must hold.</param>
    /// <param name="maxLatency">How long the answer may take.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static Check Http(
        string service,
        string path = "/",
        int status = 200,
        string? bodyContains = null,
        TimeSpan? maxLatency = null,
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0) => new(CheckKind.Http, $"http {service}{path}", file, line)
        {
            Service = service,
            Path = path,
            Status = status,
            BodyContains = bodyContains,
            MaxLatency = maxLatency,
        };

    /// <summary>A TCP connect to a service.</summary>
    /// <param name="service">The service, by name.</param>
    /// <param name="port">The name of the service's port. Default: its first.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static Check Tcp(string service, string? port = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(CheckKind.Tcp, $"tcp {service}", file, line) { Service = service, Port = port };

    /// <summary>A command where the deploy runs; exit code 0 is success.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static Check Run(IReadOnlyList<string> command, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(CheckKind.Command, $"command {(command.Count > 0 ? command[0] : "")}", file, line) { Command = [.. command] };

    /// <summary>A Job of the app that must succeed; it runs when the check does, not with the rollout.</summary>
    /// <param name="job">The Job, by name.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static Check RunJob(string job, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(CheckKind.Job, $"job {job}", file, line) { Job = job };
}
