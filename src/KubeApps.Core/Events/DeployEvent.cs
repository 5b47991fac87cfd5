using KubeApps.Diagnostics;

namespace KubeApps.Events;

/// <summary>
/// What a long operation tells while it runs. Events only narrate: results are returned. The hierarchy is closed; renderers (MSBuild,
/// terminal, GitHub Actions, JSON lines) switch over it.
/// </summary>
internal abstract record DeployEvent
{
    private DeployEvent()
    {
    }

    /// <summary>The plan stands; steps follow in this order. No step: there is nothing to do.</summary>
    internal sealed record PlanReady(string App, string Environment, string Target, IReadOnlyList<PlannedStep> Steps) : DeployEvent;

    /// <summary>A step begins.</summary>
    internal sealed record StepStarted(string StepId, string Title) : DeployEvent;

    /// <summary>A step ended well; <paramref name="Summary"/> says what it did ("12 objects, 2 changed").</summary>
    internal sealed record StepFinished(string StepId, string Title, string Summary, TimeSpan Elapsed) : DeployEvent;

    /// <summary>A line of what a program says that a step runs: of interest while it runs, or in a log.</summary>
    internal sealed record StepSaid(string StepId, string Line) : DeployEvent;

    /// <summary>An object was created, changed, found equal, or deleted.</summary>
    internal sealed record ResourceChanged(string Kind, string? Namespace, string Name, ResourceChange Change) : DeployEvent;

    /// <summary>How far a workload is.</summary>
    internal sealed record RolloutProgress(
        string Kind, string Namespace, string Name, int Ready, int Updated, int Desired, string? LastEvent) : DeployEvent;

    /// <summary>A check of the specification ended.</summary>
    internal sealed record CheckFinished(string Name, bool Passed, int Attempts, TimeSpan Elapsed) : DeployEvent;

    /// <summary>A workload does not come up, and why.</summary>
    internal sealed record WorkloadFailed(FailureReport Report) : DeployEvent;

    /// <summary>Something the user must know.</summary>
    internal sealed record DiagnosticRaised(Diagnostic Diagnostic) : DeployEvent;

    /// <summary>Texts that nobody may see, and that this process now knows: for whoever hides them. Shown by nobody.</summary>
    internal sealed record SecretsLearned(IReadOnlyList<string> Values) : DeployEvent
    {
        public override string ToString() => nameof(SecretsLearned);
    }

    /// <summary>A line of narrative that is none of the others.</summary>
    internal sealed record Note(string Text) : DeployEvent;
}

/// <summary>One step as it is announced.</summary>
internal sealed record PlannedStep(string Id, string Title, TimeSpan? Timeout);

internal enum ResourceChange
{
    Created,
    Changed,
    Unchanged,
    Deleted,

    /// <summary>Deleted and created anew.</summary>
    Replaced,
}

/// <summary>Receives events, in order, from one operation at a time. Must not throw and must not block for long.</summary>
internal interface IEventSink
{
    void Publish(DeployEvent deployEvent);
}
