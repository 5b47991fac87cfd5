using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn;

/// <summary>What goes wrong with a request (<see cref="StandInAccount.Next(int, Fault, Func{StandInRequest, bool}?)"/>).</summary>
public sealed record Fault
{
    internal Refusal? Refusal { get; private init; }

    internal bool IsCut { get; private init; }

    /// <summary>Whether AWS does what it is asked for before anything goes wrong.</summary>
    internal bool IsHandled { get; private init; }

    internal Action<JsonObject>? Change { get; private init; }

    internal Task? Until { get; private init; }

    /// <summary>The connection is closed before AWS has done anything.</summary>
    public static Fault CutBefore { get; } = new() { IsCut = true };

    /// <summary>AWS does what it is asked for, but the answer never arrives.</summary>
    public static Fault CutAfter { get; } = new() { IsCut = true, IsHandled = true };

    /// <summary>There is never an answer, and nothing is done.</summary>
    public static Fault Hang { get; } = new() { Until = Task.Delay(Timeout.Infinite) };

    /// <summary>Too much at once, as the newer services say it.</summary>
    public static Fault Throttled { get; } = Refused("ThrottlingException", "Rate exceeded", 429);

    /// <summary>Too much at once, as EC2 says it.</summary>
    public static Fault RequestLimit { get; } = Refused("RequestLimitExceeded", "Request limit exceeded.", 503);

    /// <summary>The service has a bad day.</summary>
    public static Fault Unavailable { get; } = Refused("ServiceUnavailableException", "The service is unavailable. Back off and retry the operation.", 503);

    /// <summary>Nothing happens until the test says so; then all goes on as usual.</summary>
    public static Fault Hold(Task until) => new() { Until = until };

    /// <summary>AWS refuses it, and nothing is done.</summary>
    public static Fault Refused(string code, string message, int status = 400) => new() { Refusal = new Refusal(code, message, status) };

    /// <summary>AWS does it, but says that it did not.</summary>
    public static Fault RefusedAfter(string code, string message, int status = 500) => new() { Refusal = new Refusal(code, message, status), IsHandled = true };

    /// <summary>AWS does it, and answers with something else: which it describes all the same.</summary>
    public static Fault Answered(Action<JsonObject> change) => new() { Change = change, IsHandled = true };
}
