using KubeApps.Events;

namespace KubeApps.Cli.Actions;

/// <summary>Tells the runner of the secrets that a run has come to know: it shows three stars in place of them, in the log and in summaries.</summary>
internal sealed class SecretMasks(WorkflowLog log)
{
    private readonly Lock _gate = new();
    private readonly KnownSecrets _known = new();

    public void Add(params IEnumerable<string?> secrets)
    {
        lock (_gate)
            foreach (var line in _known.Add(secrets))
                log.Command("add-mask", line);
    }

    /// <summary>A text that leaves by another way than the log, as it was before anybody escaped it. It may have been cut in the midst of a secret.</summary>
    public string Masked(string text) => _known.Masked(text);
}
