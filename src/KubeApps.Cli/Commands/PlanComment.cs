using System.CommandLine;
using KubeApps.Cli.Actions;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>plan --comment</c>: the plan as a comment on a pull request, one for each app and environment, which is changed with every run.</summary>
internal sealed class PlanComment
{
    private const string Auto = "auto";

    // For the marker and the last lines.
    private const int Reserve = 1500;

    private readonly Option<string?> _comment = new("--comment")
    {
        Description = "Put the plan into a comment on this pull request, or change the one that is there. auto: the one that the workflow runs for, if there is one.",
        HelpName = "NUMBER|auto",
    };

    private readonly GitHubOptions _gitHub = new();

    public void AddTo(Command command)
    {
        _comment.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != Auto && PullRequestOfRun.Number(token.Value) is null)
                result.AddError($"'{token.Value}' is no pull request. Write its number, or auto.");
        });
        command.Add(_comment);
        _gitHub.AddTo(command);
    }

    /// <summary>Where to, before anything is planned; null where no comment is asked for, or there is nothing to comment on.</summary>
    public async Task<Place?> FindAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_comment) is not { } wanted)
            return null;
        if ((wanted == Auto ? PullRequestOfRun.Find(terminal.ReadVariable) : PullRequestOfRun.Number(wanted)) is not { } number)
        {
            terminal.Error.WriteLine("There is no comment: this run is not about a pull request.");
            return null;
        }

        var (access, missing) = await _gitHub.FindAsync(parsed, terminal, cancellationToken);
        return access is null ? throw new DiagnosticException(DiagnosticDescriptors.CommentImpossible.Because($"The plan cannot be commented. {missing}")) : new Place(access, number);
    }

    /// <summary>The page of the comment; null where it could not be written, which was told and is no failure of the plan.</summary>
    public static async Task<string?> PutAsync(Place place, DeployResult result, Terminal terminal, CancellationToken cancellationToken)
    {
        if (result.App.Length == 0)
        {
            TellNoPlan(place, terminal);
            return null;
        }

        // No runner stands between this and its readers.
        if (terminal.Step is { } step)
            result = MaskedResults.Of(result, step.Masks.Masked);
        var body = BodyOf(result, Author.OfThisProcess(terminal.ReadVariable).RunUrl, terminal.Clock.GetUtcNow());
        try
        {
            using var client = GitHubOptions.Open(place.Access, terminal);
            var (comment, change) = await new PullRequestComments(client).PutAsync(
                place.PullRequest, PullRequestComments.Marker("plan", result.App, result.Environment), body, cancellationToken);
            var page = Printable.Of(comment.HtmlUrl ?? $"{place.Access.Repository}, pull request {place.PullRequest}");
            terminal.Error.WriteLine($"Comment {change.ToString().ToLowerInvariant()}: {page}");
            return page;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            terminal.Tell(DiagnosticDescriptors.CommentNotWritten.Because(
                $"GitHub did not take the comment on pull request {place.PullRequest} of {place.Access.Repository}: {RecordFailure.Of(failure).Reason}."));
            return null;
        }
    }

    /// <summary>There is no plan, and it is not known whose it would be: what an earlier run commented must not be taken for this one's.</summary>
    public static void TellNoPlan(Place place, Terminal terminal) => terminal.Tell(DiagnosticDescriptors.CommentNotWritten.Because(
        $"The plan ended before it was known of which app it is: a comment on pull request {place.PullRequest} of {place.Access.Repository} is of an earlier run.",
        nextStep: "Mend what ended the plan; the next run changes the comment."));

    /// <summary>What the comment says, without its marker.</summary>
    public static string BodyOf(DeployResult result, string? run, DateTimeOffset now)
    {
        var from = run is null ? "" : $"\n<sub>By {Markdown.Link(run)}</sub>\n";
        return result.Plan is { } plan
            ? PlanMarkdown.Of(plan, run is null ? PlanRoom.Comment with { Limit = PlanMarkdown.Limit - Reserve } : PlanRoom.CommentOfRun(Reserve)) + from
            : SummaryTemplate.Render(StepSummary.Of("plan", result with { Failures = [] }, [], now)) + from;
    }

    /// <param name="Access">The repository and its token.</param>
    /// <param name="PullRequest">Its number.</param>
    internal sealed record Place(GitHubAccess Access, int PullRequest);
}
