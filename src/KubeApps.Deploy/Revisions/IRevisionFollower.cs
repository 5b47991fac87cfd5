namespace KubeApps.Deploy.Revisions;

/// <summary>
/// Told of every revision that a run makes, as it begins and as it ends, in order to keep a record of it elsewhere. Nothing here waits, but for
/// <see cref="SettleAsync"/>, and nothing throws: a record never breaks a deploy.
/// </summary>
internal interface IRevisionFollower
{
    /// <summary>The revision as it is to be stored: with what has to stand there from the first moment on. The others are those that stand.</summary>
    Revision Prepare(Revision draft, IReadOnlyList<Revision> others);

    /// <summary>It is stored (or could not be: then it has no UID), and the deploy begins. The others are those that stand, with the states that they have now.</summary>
    void Begin(Revision revision, IReadOnlyList<Revision> others);

    /// <summary>It ended as its state says, or is held (then it is under way still).</summary>
    void End(Revision revision, bool isHeld);

    /// <summary>What may be written down of a text: without the secrets that the run has come to know.</summary>
    string Masked(string text);

    /// <summary>The revisions of which not all is recorded: they are still needed for that.</summary>
    IReadOnlyList<Revision> Owed { get; }

    /// <summary>Waits, for a limited time, until all is recorded that was told.</summary>
    Task SettleAsync();
}
