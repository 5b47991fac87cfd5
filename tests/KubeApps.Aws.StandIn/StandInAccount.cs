using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Fakes;
using KubeApps.Testing;

namespace KubeApps.Aws.StandIn;

/// <summary>An account, and all that tests may look at and arrange in it.</summary>
public sealed partial class StandInAccount : IDisposable
{
    private readonly RequestScript<StandInRequest, Fault> _script;
    private readonly List<StandInPrincipal> _principals = [];
    private readonly PriorityQueue<Action, (DateTimeOffset At, int Order)> _pending = new();
    private readonly Dictionary<(string Service, string Region), Fake> _fakes = [];
    private readonly CancellationTokenSource _released = new();
    private int _count;
    private int _underWay;

    internal StandInAccount(Uri endpoint, string id, TimeProvider clock)
    {
        (Endpoint, Id, Clock) = (endpoint, id, clock);
        _script = new(Lock);
        Ledger = new Ledger(this);
        User = NewUser("deployer");
    }

    /// <summary>Where all services answer, as <c>AWS_ENDPOINT_URL</c> has it: plain http on the loopback interface.</summary>
    public Uri Endpoint { get; }

    /// <summary>Its twelve digits.</summary>
    public string Id { get; }

    /// <summary>The region that <see cref="Variables"/> say.</summary>
    public string Region { get; set; } = "eu-central-1";

    /// <summary>Who may do everything.</summary>
    public StandInPrincipal User { get; }

    /// <summary>What AWS's delays go by.</summary>
    public TimeProvider Clock { get; }

    public Delays Delays { get; set; } = Delays.Real;

    public Ledger Ledger { get; }

    /// <summary>Where the images of ECR are, and its password: a real registry of the test's, or nowhere.</summary>
    public StandInRegistry Registry { get; set; } = new(null, Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(30)));

    /// <summary>Where a cluster of a name answers; null for an endpoint that nobody answers at.</summary>
    public Func<string, ClusterEndpoint>? Endpoints { get; set; }

    /// <summary>How much of something there may be, by the code of the quota: <c>L-F678F1CE</c>.</summary>
    public Dictionary<string, double> Quotas { get; } = FakeQuotas.Granted();

    /// <summary>Zones in which AWS has no room for control planes at the moment.</summary>
    public HashSet<string> FullZones { get; } = [];

    /// <summary>What AWS calls its zones, by the names that they have in this account: <c>use1-az3</c>. Others are counted through.</summary>
    public Dictionary<string, string> ZoneIds { get; } = [];

    /// <summary>Whether machines that end leave their interfaces behind, which hold security groups and subnets.</summary>
    public bool LeavesInterfaces { get; set; }

    /// <summary>Whether what the network plugin makes says which cluster it is of; as long as that has not told the plugin its name, it does not.</summary>
    public bool TagsInterfacesWithCluster { get; set; } = true;

    /// <summary>Regions that no image of ECR is replicated to: AWS tries, and fails.</summary>
    public HashSet<string> FailingReplicas { get; } = [];

    /// <summary>What is answered in place of a service of its own that keeps what it was told; held against AWS's description all the same.</summary>
    public Func<StandInRequest, JsonObject>? Answers { get; set; }

    /// <summary>Others' idea of AWS, which answers in place of the stand-in's own services; held against AWS's descriptions all the same.</summary>
    public OtherAws? Behind { get; set; }

    /// <summary>How many values of a metric CloudWatch gives in one answer.</summary>
    public int MetricValuesAtOnce { get; set; } = 100_800;

    /// <summary>Whether the account may start no more machines, whatever its quota says when it is asked.</summary>
    public bool LacksVcpus { get; set; }

    /// <summary>Types of instances that AWS has none of at the moment.</summary>
    public HashSet<string> ExhaustedInstanceTypes { get; } = [];

    /// <summary>Add-ons and Fargate profiles that EKS takes, and cannot make at the moment.</summary>
    public HashSet<string> Unmakeable { get; } = [];

    /// <summary>What an environment has that leads a process here.</summary>
    public IReadOnlyDictionary<string, string> Variables => VariablesOf(User);

    /// <summary>What was asked until now.</summary>
    public IReadOnlyList<StandInRequest> Requests => _script.Requests;

    internal Lock Lock { get; } = new();

    internal DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>Ends what hangs.</summary>
    internal CancellationToken Released => _released.Token;

    /// <summary>A user of its own, who may do only what is said.</summary>
    public StandInPrincipal NewUser(string name, params IReadOnlyList<string> allowedActions) =>
        Add(new StandInPrincipal($"arn:aws:iam::{Id}:user/{name}", NewId("AIDA"), NewId("AKIA")) { AllowedActions = allowedActions.Count == 0 ? ["*"] : allowedActions });

    public IReadOnlyDictionary<string, string> VariablesOf(StandInPrincipal principal) => new Dictionary<string, string>(principal.Variables)
    {
        ["AWS_ENDPOINT_URL"] = Endpoint.ToString().TrimEnd('/'),
        ["AWS_REGION"] = Region,
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_CONFIG_FILE"] = "/dev/null",
        ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
    };

    /// <summary>What happens to the next requests (that fit), in the order in which they were scripted.</summary>
    public void Next(int count, Fault fault, Func<StandInRequest, bool>? when = null) => _script.Next(count, fault, when);

    /// <summary>What happens to the next request for an operation: <c>eks:CreateCluster</c>.</summary>
    public void Next(string action, Fault fault) => Next(1, fault, request => request.Action == action);

    /// <summary>All goes well again; what hangs, ends.</summary>
    public void ForgetFaults() => _script.ForgetFaults();

    /// <summary>Waits until nothing is under way any more that somebody has sent who does not wait for the answer.</summary>
    public async Task SettledAsync()
    {
        // What was sent is not heard of before it arrives.
        for (var quiet = 0; quiet < 3; quiet = Volatile.Read(ref _underWay) == 0 ? quiet + 1 : 0)
            await Task.Delay(10);
    }

    /// <summary>What did not agree with AWS's description until now; forgotten by asking.</summary>
    public IReadOnlyList<string> TakeViolations() => _script.TakeViolations();

    /// <summary>Fails the test whose requests (or the stand-in's answers) did not agree with AWS's description.</summary>
    public void Dispose()
    {
        Release();
        _script.RequireNoViolation("Not as AWS describes its services");
    }

    internal void Release() => _released.Cancel();

    internal StandInPrincipal Add(StandInPrincipal principal)
    {
        lock (Lock)
            _principals.Add(principal);
        return principal;
    }

    internal StandInPrincipal? Find(string accessKey)
    {
        lock (Lock)
            return _principals.Find(principal => principal.AccessKey == accessKey);
    }

    internal string NewId(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{Id[^6..]}{Interlocked.Increment(ref _count):D10}");

    internal Fake? FakeOf(string service, string region) =>
        _fakes.TryGetValue((service, region), out var fake) ? fake : Fake.Of(service, this, region) is { } made ? _fakes[(service, region)] = made : null;

    internal Fakes.Ec2.FakeEc2 Ec2(string region) => (Fakes.Ec2.FakeEc2)FakeOf("ec2", region)!;

    internal List<Fakes.Watching.Measurement> Measurements { get; } = [];

    internal Fakes.Iam.FakeIam Iam => (Fakes.Iam.FakeIam)FakeOf("iam", "")!;

    internal void Violated(string reason) => _script.Violated(reason);

    /// <summary>A request is being answered until this is disposed.</summary>
    internal IDisposable UnderWay()
    {
        Interlocked.Increment(ref _underWay);
        return new Answered(this);
    }

    internal Fault? Take(StandInRequest request) => _script.Take(request);

    /// <summary>Done when its time has come and somebody looks.</summary>
    internal void After(TimeSpan delay, Action action) => _pending.Enqueue(action, (Now + delay, Interlocked.Increment(ref _count)));

    internal void Settle()
    {
        while (_pending.TryPeek(out var action, out var due) && due.At <= Now)
        {
            _pending.Dequeue();
            action();
        }
    }

    private sealed class Answered(StandInAccount account) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref account._underWay);
    }
}

/// <summary>Where a cluster's API answers.</summary>
/// <param name="Url">Its address.</param>
/// <param name="CertificateAuthority">The certificate, as PEM, of who signed the one that it shows.</param>
public sealed record ClusterEndpoint(Uri Url, string CertificateAuthority);

/// <summary>A registry that ECR's repositories are in.</summary>
/// <param name="Host">Its host and port; null for AWS's own, where nobody answers.</param>
/// <param name="Password">Of its user <c>AWS</c>.</param>
public sealed record StandInRegistry(string? Host, string Password);
