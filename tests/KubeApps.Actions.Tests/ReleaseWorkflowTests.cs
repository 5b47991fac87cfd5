using System.Text.RegularExpressions;
using KubeApps.Actions.Tests.Checking;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests;

/// <summary>A release sends what was attested, and only after that.</summary>
public sealed partial class ReleaseWorkflowTests
{
    private const string Attest = "attest";
    private const string Path = ".github/workflows/release.yml";

    private static readonly Dictionary<string, YamlMappingNode> Jobs =
        new YamlFile(Path, RepositoryFiles.Read()[Path]).Jobs.ToDictionary(job => job.Id, job => job.Job);

    public static TheoryData<string> Sending => ["push", "publish"];

    // A job that needs another one runs although that failed where its condition says so, or where the failure does not count.
    [Theory, MemberData(nameof(Sending))]
    public void Job_ThatSendsPackages_RunsOnlyAfterTheirAttestation(string job)
    {
        var before = NeededBy(job);

        Assert.Contains(Attest, before);
        Assert.All(before.Append(job), id => Assert.Null(Jobs[id].Find("if")));
        Assert.All(StepsOf(Attest).Append(Jobs[Attest]), node => Assert.Null(node.Find("continue-on-error") ?? node.Find("if")));
    }

    [Theory, MemberData(nameof(Sending))]
    public void Job_ThatSendsPackages_SendsThoseThatAreAttested(string job)
    {
        var attested = Assert.Single(Using(Attest, "actions/attest-build-provenance")).Value("with", "subject-path");
        var sent = StepsOf(job).SelectMany(step => Sent().Matches(step.Value("run") ?? "")).Select(match => match.Groups["path"].Value.Trim('\'', '"')).ToList();

        Assert.NotEmpty(sent);
        Assert.All(sent, path => Assert.Equal(attested, path));
        // The same pattern means the same files only where the same was put there, and nothing else.
        Assert.Equal(Downloaded(Attest), Downloaded(job));
        Assert.Empty(Using(job, "actions/checkout"));
    }

    // What is packed has passed what every change passes: the same workflow, with its tests, its formatting and its checks.
    [Fact]
    public void Packages_AreMadeOfWhatHasPassedTheTests()
    {
        var test = Assert.Single(Jobs, job => job.Value.Value("uses") == "./.github/workflows/ci.yml").Key;
        Assert.Contains(test, NeededBy("pack"));
        Assert.Contains("pack", NeededBy(Attest));

        var commands = new YamlFile("ci.yml", RepositoryFiles.Read()[".github/workflows/ci.yml"]).Jobs
            .SelectMany(job => job.Job.Find("steps") as YamlSequenceNode ?? []).Select(step => step.Value("run")).OfType<string>().ToList();
        Assert.Contains(".ci/run", commands);
        Assert.Contains("dotnet format KubeApps.Tooling.sln --verify-no-changes", commands);
    }

    // What two jobs take by one name is the same only if nobody puts something else in its place meanwhile.
    [Fact]
    public void Artifact_ThatIsAttested_IsMadeOnceAndBefore()
    {
        var (artifact, _) = Assert.Single(Downloaded(Attest));

        Assert.Contains(Assert.Single(Jobs.Keys, job => Using(job, "actions/upload-artifact").Any(step => step.Value("with", "name") == artifact)), NeededBy(Attest));
    }

    private static IReadOnlyCollection<string> NeededBy(string job)
    {
        HashSet<string> found = [];
        var open = new Queue<string>([job]);
        while (open.TryDequeue(out var next))
            foreach (var needed in Jobs[next].Find("needs") switch { YamlSequenceNode several => several.Select(item => item.Value()!), { } one => [one.Value()!], null => [] })
                if (found.Add(needed))
                    open.Enqueue(needed);
        return found;
    }

    private static IEnumerable<YamlNode> StepsOf(string job) => Jobs[job].Find("steps") as YamlSequenceNode ?? [];

    private static IEnumerable<YamlNode> Using(string job, string action) => StepsOf(job).Where(step => step.Value("uses")?.StartsWith($"{action}@", StringComparison.Ordinal) == true);

    private static IReadOnlyList<(string? Artifact, string? Folder)> Downloaded(string job) =>
        [.. Using(job, "actions/download-artifact").Select(step => (step.Value("with", "name"), step.Value("with", "path")))];

    [GeneratedRegex("""(dotnet nuget push|gh release (upload|create) "\$TAG") (?<path>\S+)""")]
    private static partial Regex Sent();
}
