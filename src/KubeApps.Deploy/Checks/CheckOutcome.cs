using KubeApps.Events;

namespace KubeApps.Deploy.Checks;

/// <summary>How a check ended.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Kind"><c>http</c>, <c>tcp</c>, <c>command</c> or <c>job</c>.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Elapsed">How long that took.</param>
/// <param name="Report">Why it failed; null where it passed.</param>
internal sealed record CheckOutcome(string Name, string Kind, int Attempts, TimeSpan Elapsed, FailureReport? Report)
{
    public bool Passed => Report is null;
}

/// <summary>What came of one attempt.</summary>
/// <param name="Passed">Whether it was as expected.</param>
/// <param name="Said">What was asked and what came back: a sentence.</param>
internal sealed record CheckAnswer(bool Passed, string Said)
{
    /// <summary>The pod that was asked, and its container.</summary>
    public (string Name, string? Container)? Pod { get; init; }

    /// <summary>Whether the check's time was up before there was a whole answer.</summary>
    public bool IsCut { get; init; }

    /// <summary>What a program wrote.</summary>
    public IReadOnlyList<string> Output { get; init; } = [];
}
