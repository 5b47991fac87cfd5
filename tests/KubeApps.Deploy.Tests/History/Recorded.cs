using System.Globalization;
using System.Text.Json;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.Revisions;

namespace KubeApps.Deploy.Tests.History;

/// <summary>Deployments and revisions for the pure tests: times are minutes after <see cref="Sample.Start"/>.</summary>
internal static class Recorded
{
    public static DateTimeOffset At(double minutes) => Sample.Start + TimeSpan.FromMinutes(minutes);

    /// <param name="id">Its number.</param>
    /// <param name="minute">When it was made.</param>
    /// <param name="states">What it went through, the oldest first: <c>success+2</c> came two minutes later.</param>
    /// <param name="payload">As JSON; null is the app's own, of the revision with the same number.</param>
    /// <param name="task">What was done.</param>
    /// <param name="sha">The commit.</param>
    /// <param name="environment">Where.</param>
    /// <param name="said">What every state says.</param>
    public static RecordedDeployment Deployment(
        long id, double minute, string states = "success+1", string? payload = null, string task = "deploy", string? sha = null, string environment = "prod", string? said = null)
    {
        var content = JsonDocument.Parse(payload ?? Payload((int)id, environment)).RootElement;
        var steps = states.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(state => state.Split('+'));
        return RecordedDeployment.Of(new GitHubDeployment(id, sha ?? Sha(id), "main", task, environment, At(minute)) { Payload = content, Creator = new GitHubAccount("jane") }) with
        {
            Statuses =
            [
                .. steps.Select((step, index) => new GitHubDeploymentStatus(id * 10 + index, step[0], At(minute + (step.Length > 1 ? double.Parse(step[1], CultureInfo.InvariantCulture) : 0))) { Description = said }).Reverse(),
            ],
        };
    }

    public static string Payload(int revision, string environment = "prod", string app = "shop") =>
        $$$"""
        {"schema":"kubeapps.dev/deployment/v1","app":"{{{app}}}","environment":"{{{environment}}}","namespace":"shop-prod","rollout":"uid-{{{revision}}}","revision":{{{revision}}},
         "strategy":"rolling","images":[{"workload":"Deployment web","container":"web","image":"registry.example.com/web@sha256:00"}],
         "bundle":{"hash":"hash-{{{revision}}}","reference":"oci://registry.example.com/shop@sha256:11"},"cluster":{"name":"context prod-eu","uid":"cluster-1"},"actor":"joe","run":"https://example.com/run/2"}
        """;

    public static Revision Revision(int number, double minute, RevisionOutcome outcome = RevisionOutcome.Deployed) =>
        Sample.Revision(number, outcome) with { StartedAt = At(minute), Commit = Sha(number), State = new RevisionState(outcome, TimeSpan.FromMinutes(1)) };

    public static string Sha(long number) => number.ToString("x40", CultureInfo.InvariantCulture);
}
