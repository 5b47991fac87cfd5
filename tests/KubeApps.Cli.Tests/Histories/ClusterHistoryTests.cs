using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests.Histories;

/// <summary><c>history --source cluster</c>: what a cluster itself keeps of an app, and which of that is asked for.</summary>
public sealed class ClusterHistoryTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    private static readonly string First = new('a', 40);
    private static readonly string Second = new('b', 40);

    [Fact]
    public async Task History_WithFilters_ListsWhatIsMeant()
    {
        var registry = (string)DocumentReference.Verify((await tool.RunAsync("sandbox", "start", "-o", "json")).Out, "SandboxStatus")["registry"]!;
        async Task DeployAsync(string app, string actor, string commit, string variable, bool crashes = false)
        {
            var bundle = tool.WriteBundle(app, registry, variable: variable, commit: commit, replicas: crashes ? 1 : 0, crashes: crashes);
            var (exit, _, error) = await tool.RunAsync(new Dictionary<string, string?> { ["GITHUB_ACTOR"] = actor }, "deploy", "--bundle", bundle, "--no-rollback");
            Assert.True(exit == (crashes ? 1 : 0), error);
        }

        await DeployAsync("kept", "jane", First, "1");
        await DeployAsync("kept", "joe", Second, "2", crashes: true);
        await DeployAsync("kept", "jane", Second, "3");
        await DeployAsync("other", "joe", First, "1");

        var all = await ListAsync();
        Assert.Equal(("3,2,1", "success,failure,success"), (Numbers(all), Words(all, "state")));
        Assert.Equal([true, false, false], all.Select(entry => (bool)entry!["current"]!));
        var failedAt = (string)all[1]!["startedAt"]!;
        foreach (var (expected, arguments) in ((string, string[])[])
        [
            ("3,1", ["--actor", "jane"]),
            ("2", ["--actor", "JOE"]),
            ("", ["--actor", "mona"]),
            ("2", ["--status", "failure"]),
            ("3,1", ["--status", "success"]),
            ("", ["--status", "in_progress"]),
            ("1", ["--sha", First[..8]]),
            ("3,2", ["--sha", Second[..4]]),
            ("3", ["--sha", Second, "--actor", "jane"]),
            ("3,2,1", ["--since", "1h"]),
            (string.Join(',', all.Where(entry => string.CompareOrdinal((string)entry!["startedAt"]!, failedAt) >= 0).Select(entry => entry!["revision"]!)), ["--since", failedAt]),
            ("", ["--since", "2100-01-01"]),
            ("3,2,1", ["--environment", "local"]),
            ("3", ["--limit", "1"]),
        ])
            Assert.Equal((string.Join(' ', arguments), expected), (string.Join(' ', arguments), Numbers(await ListAsync(arguments))));

        // Of the other app its own, whichever way it is named.
        foreach (var named in (string[][])[["other"], ["--app", "other"]])
            Assert.Equal(("1", "other"), (await ReadAsync(named))["entries"]!.AsArray() is var others ? (Numbers(others), Words(others, "app")) : default);
        Assert.Contains("KUBEAPP", await RefusalAsync("--app", "nosuch"), StringComparison.Ordinal);
        Assert.Contains("staging", await RefusalAsync("kept", "--environment", "staging"), StringComparison.Ordinal);

        // When the commit was live, and the same for spreadsheets.
        var document = await ReadAsync("kept", "--sha", First);
        Assert.NotNull(Assert.Single(document["live"]!.AsArray())!["to"]);
        Assert.Null(document["repository"]);
        var csv = await tool.RunAsync("history", "--app", "kept", "--source", "cluster", "--actor", "jane", "-o", "csv");
        var rows = csv.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split(',')).ToList();
        Assert.Equal((0, ""), (csv.Exit, csv.Error));
        Assert.Equal(["startedAt", "endedAt", "app", "environment"], rows[0][..4]);
        string[] At(string column) => [.. rows.Skip(1).Select(row => row[Array.IndexOf(rows[0], column)])];
        Assert.Equal(["3", "1"], At("revision"));
        Assert.Equal(["true", "false"], At("current"));
        Assert.Equal(["jane", "jane"], At("actor"));
        Assert.Equal([Second, First], At("commit"));
        Assert.Equal(["", ""], At("deployment"));
    }

    // In this process: what is asked is many, and nothing that a process of its own would have more of.
    private Task<(int Exit, string Out, string Error)> HistoryAsync(params string[] arguments) =>
        Tool.RunInAsync(tool.Home, new Dictionary<string, string> { ["KUBEAPPS_HOME"] = tool.Home }, ["history", "--source", "cluster", "--kubeconfig", Path.Combine(tool.Home, "sandbox", "kubeconfig"), .. arguments]);

    private async Task<JsonArray> ListAsync(params string[] arguments) =>
        (await ReadAsync(["kept", .. arguments]))["entries"]!.AsArray();

    private async Task<string> RefusalAsync(params string[] arguments)
    {
        var (exit, output, error) = await HistoryAsync(arguments);
        Assert.NotEqual(0, exit);
        Assert.Empty(output);
        return error;
    }

    private async Task<JsonObject> ReadAsync(params string[] arguments)
    {
        var (exit, output, error) = await HistoryAsync([.. arguments, "-o", "json"]);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)} ended with {exit}: {error}");
        return DocumentReference.Verify(output, "History");
    }

    private static string Numbers(JsonArray entries) => Words(entries, "revision");

    private static string Words(JsonArray entries, string property) => string.Join(',', entries.Select(entry => entry![property]));
}
