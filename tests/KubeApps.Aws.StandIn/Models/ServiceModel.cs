using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Models;

/// <summary>AWS's own description of a service: its operations, and the shape of everything that is sent and answered.</summary>
/// <remarks>From the npm package <c>aws-sdk</c>, which <c>npm ci</c> in this project's folder installs.</remarks>
public sealed class ServiceModel
{
    // By the name that requests are signed for, which is how a request tells its service.
    private static readonly Dictionary<string, (string File, string Types)> Files = new()
    {
        ["autoscaling"] = ("autoscaling-2011-01-01", "autoscaling"),
        ["ec2"] = ("ec2-2016-11-15", "ec2"),
        ["ecr"] = ("ecr-2015-09-21", "ecr"),
        ["eks"] = ("eks-2017-11-01", "eks"),
        ["elasticloadbalancing"] = ("elasticloadbalancingv2-2015-12-01", "elbv2"),
        ["iam"] = ("iam-2010-05-08", "iam"),
        ["logs"] = ("logs-2014-03-28", "cloudwatchlogs"),
        ["monitoring"] = ("monitoring-2010-08-01", "cloudwatch"),
        ["route53"] = ("route53-2013-04-01", "route53"),
        ["servicequotas"] = ("service-quotas-2019-06-24", "servicequotas"),
        ["sts"] = ("sts-2011-06-15", "sts"),
    };

    private static readonly ConcurrentDictionary<string, Lazy<ServiceModel>> Loaded = new();

    private readonly JsonObject _shapes;
    private readonly ConcurrentDictionary<string, Limits?> _limits = new();
    private readonly JsonObject _saidLimits;

    private ServiceModel(string signingName, JsonObject description, TypeNames types, JsonObject limits)
    {
        _saidLimits = limits;
        var metadata = description["metadata"]!.AsObject();
        SigningName = signingName;
        Id = Text(metadata, "serviceId")!;
        Protocol = Text(metadata, "protocol")!;
        Version = Text(metadata, "apiVersion")!;
        EndpointPrefix = Text(metadata, "endpointPrefix")!;
        TargetPrefix = Text(metadata, "targetPrefix");
        // Route 53 says it at its operations.
        XmlNamespace = Text(metadata, "xmlNamespace") ?? description["operations"]!.AsObject().Select(entry => (string?)entry.Value!["input"]?["xmlNamespace"]?["uri"]).FirstOrDefault(space => space is not null);
        IsGlobal = metadata.ContainsKey("globalEndpoint") && signingName is not "sts";
        Types = types;
        _shapes = description["shapes"]!.AsObject();
        Operations = description["operations"]!.AsObject().ToDictionary(entry => entry.Key, entry => new OperationModel(this, entry.Key, entry.Value!.AsObject()));
    }

    /// <summary>Whether the descriptions are installed on this machine.</summary>
    public static bool IsInstalled => Directory.Exists(Folder);

    /// <summary>The services that have a description here, by the names that requests are signed for.</summary>
    public static IReadOnlyCollection<string> Names => Files.Keys;

    /// <summary>The name that requests are signed for.</summary>
    public string SigningName { get; }

    public string Id { get; }

    /// <summary>rest-json, json, query, ec2 or rest-xml.</summary>
    public string Protocol { get; }

    public string Version { get; }

    public string EndpointPrefix { get; }

    public string? TargetPrefix { get; }

    public string? XmlNamespace { get; }

    /// <summary>Whether there is one for all regions.</summary>
    public bool IsGlobal { get; }

    public IReadOnlyDictionary<string, OperationModel> Operations { get; }

    internal TypeNames Types { get; }

    private static string Folder => Path.Combine(
        typeof(ServiceModel).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(item => item.Key == "StandInFolder").Value!, "node_modules", "aws-sdk");

    /// <param name="signingName">The name that its requests are signed for: <c>eks</c>.</param>
    public static ServiceModel Of(string signingName) => Find(signingName) ?? throw new ArgumentException($"There is no description of a service \"{signingName}\" here.");

    internal static ServiceModel? Find(string signingName) =>
        Files.ContainsKey(signingName) ? Loaded.GetOrAdd(signingName, name => new Lazy<ServiceModel>(() => Load(name))).Value : null;

    /// <summary>What a type of texts may be, where AWS counts it up.</summary>
    public IReadOnlyList<string>? ValuesOf(string type) => Types.ValuesOf(type);

    internal JsonObject Named(string shape) => _shapes[shape]!.AsObject();

    /// <summary>What a type's values must keep to; null where AWS says nothing.</summary>
    internal Limits? LimitsOf(string type) => _limits.GetOrAdd(type, name => _saidLimits[name] is JsonObject said ? new Limits(said) : null);

    internal static string? Text(JsonObject node, string name) => (string?)node[name];

    private static ServiceModel Load(string signingName)
    {
        if (!IsInstalled)
            throw new InvalidOperationException("AWS's descriptions of its services are not installed: run \"npm ci --ignore-scripts\" in tests/KubeApps.Aws.StandIn.");
        var (file, types) = Files[signingName];
        var description = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder, "apis", $"{file}.min.json")))!.AsObject();
        // The package is frozen; what came later, and is used, is written down here from AWS's reference.
        foreach (var (name, operation) in Written("later.json")[signingName]?["operations"] as JsonObject ?? [])
            description["operations"]![name] = operation!.DeepClone();
        return new ServiceModel(signingName, description, TypeNames.Read(Path.Combine(Folder, "clients", $"{types}.d.ts")), Written("limits.json")[signingName] as JsonObject ?? []);
    }

    private static JsonNode Written(string name)
    {
        using var content = typeof(ServiceModel).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(content)!;
    }
}

/// <summary>An operation of a service as AWS describes it.</summary>
public sealed class OperationModel
{
    private readonly ServiceModel _service;
    private readonly JsonObject _description;
    private readonly (string? Input, string? Output) _types;

    internal OperationModel(ServiceModel service, string name, JsonObject description)
    {
        (_service, Name, _description) = (service, name, description);
        var http = description["http"] as JsonObject;
        Method = (string?)http?["method"] ?? "POST";
        Path = (string?)http?["requestUri"] ?? "/";
        StatusCode = (int?)http?["responseCode"] ?? 200;
        _types = service.Types.OfOperation(name);
    }

    public string Name { get; }

    public string Method { get; }

    /// <summary>With members of the request in braces.</summary>
    public string Path { get; }

    public int StatusCode { get; }

    public Shape Input => new(_service, _description["input"] as JsonObject ?? [], _types.Input) { IsStructure = true };

    public Shape Output => new(_service, _description["output"] as JsonObject ?? [], _types.Output) { IsStructure = true };

    /// <summary>With query: what an answer stands in.</summary>
    public string? ResultWrapper => (string?)_description["output"]?["resultWrapper"];
}
