using KubeApps.Cli.Actions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli;

/// <summary>How the narrative is written.</summary>
internal enum Narrative
{
    Plain,
    Live,
    GitHub,
}

/// <summary>What the process gives a command: where data and narrative go, and whether somebody watches and can answer.</summary>
/// <param name="Out">stdout: data alone.</param>
/// <param name="Error">stderr: narrative.</param>
/// <param name="In">stdin: answers to questions.</param>
/// <param name="Narrative">How narrative is written.</param>
/// <param name="CanAsk">Whether a person sits there.</param>
/// <param name="UsesColor">Whether colours may be used on stdout.</param>
/// <param name="ReadVariable">Reads an environment variable.</param>
/// <param name="Directory">The working directory.</param>
/// <param name="Clock">The time.</param>
internal sealed record Terminal(
    TextWriter Out, TextWriter Error, TextReader In, Narrative Narrative, bool CanAsk, bool UsesColor, Func<string, string?> ReadVariable, string Directory, TimeProvider Clock)
{
    /// <summary>The step of a workflow that runs this; null anywhere but in GitHub Actions.</summary>
    public ActionsStep? Step { get; init; }

    public static Terminal FromProcess()
    {
        var narrative = Environment.GetEnvironmentVariable("GITHUB_ACTIONS") == "true" ? Narrative.GitHub
            : Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb" ? Narrative.Plain : Narrative.Live;
        // NO_COLOR: https://no-color.org
        var usesColor = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new Terminal(
            Console.Out, Console.Error, Console.In, narrative, !Console.IsInputRedirected && !Console.IsErrorRedirected, usesColor,
            Environment.GetEnvironmentVariable, System.IO.Directory.GetCurrentDirectory(), TimeProvider.System);
    }

    /// <summary>
    /// The same, in GitHub Actions with streams whose readers obey nothing that somebody else says: what is wrong with a line of a log is no reason to lose data.
    /// </summary>
    public Terminal ForItsReaders()
    {
        if (Narrative != Narrative.GitHub)
            return this;
        var log = new WorkflowLog(Error);
        return this with { Out = new WorkflowLog(Out), Error = log, Step = new ActionsStep(log, ReadVariable, Directory, Clock) };
    }

    /// <summary>Asks the person who sits there; null is the end of the input. Ctrl+C ends the asking: reading itself cannot be interrupted.</summary>
    public async Task<string?> AskAsync(string question, CancellationToken cancellationToken)
    {
        await Error.WriteAsync(question);
        await Error.FlushAsync(cancellationToken);
        try
        {
            return (await Task.Run(In.ReadLine, cancellationToken).WaitAsync(cancellationToken))?.Trim();
        }
        catch (OperationCanceledException)
        {
            // Off the line of the question.
            await Error.WriteLineAsync();
            throw;
        }
    }

    /// <summary>Asks again until the answer makes sense. Nothing, and the end of the input, take the proposal.</summary>
    public async Task<string> AnswerAsync(string question, string proposal, Func<string, string?> wrongWith, CancellationToken cancellationToken)
    {
        while (await AskAsync($"{question} [{proposal}]: ", cancellationToken) is { Length: > 0 } answer)
        {
            if (wrongWith(answer) is not { } wrong)
                return answer;
            Error.WriteLine($"  {wrong}");
        }

        return proposal;
    }

    /// <summary>Whether the person who sits there says yes.</summary>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken) =>
        await AskAsync($"{question} [y/N] ", cancellationToken) is { } answer
        && (answer.Equals("y", StringComparison.OrdinalIgnoreCase) || answer.Equals("yes", StringComparison.OrdinalIgnoreCase));

    /// <summary>The renderer of a long operation's events; <c>jsonl</c> are lines of JSON on stdout. Dispose it before anything else is written.</summary>
    public EventRenderer Events(string format = "text")
    {
        if (format == "jsonl")
            return Watched(new Rendering.JsonLinesRenderer(Out));
        return Step?.Events() ?? (Narrative == Narrative.Live ? new Rendering.LiveRenderer(Error, Clock) : new Rendering.PlainRenderer(Error));
    }

    /// <summary>A line for each event, beside whatever else is shown.</summary>
    public EventRenderer Lines() => Watched(new Rendering.PlainRenderer(Error));

    /// <summary>Says what is wrong, beside whatever else is shown.</summary>
    public void Tell(Diagnostic diagnostic)
    {
        using var renderer = Step?.Events() ?? Lines();
        renderer.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
    }

    private EventRenderer Watched(EventRenderer renderer) => Step?.Watched(renderer) ?? renderer;
}

/// <summary>Shows events until it is disposed.</summary>
internal abstract class EventRenderer : IEventSink, IDisposable
{
    public abstract void Publish(DeployEvent deployEvent);

    public virtual void Dispose()
    {
    }
}
