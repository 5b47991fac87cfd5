using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Pods.Logs;

namespace KubeApps.Sandbox.Tests.Pods;

public sealed class PodLogTests : IDisposable
{
    private static readonly JsonObject Pod = JsonNode.Parse("""
        {"metadata": {"uid": "u"}, "status": {"containerStatuses": [{"name": "c", "state": {"running": {}}, "containerID": "sandbox://one"}]}}
        """)!.AsObject();

    private readonly string _folder = Directory.CreateTempSubdirectory("kubeapps-logs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Read_LinesWrittenInPieces_AreWholeAndHaveTheTimeAtWhichTheyBegan()
    {
        var logs = new PodLogs(_folder, new LogLimits(), TimeProvider.System);
        var log = logs.Create("u", "c", "sandbox://one", null);
        log.Write("fir"u8);
        log.Write("st\nsecond\nunfini"u8);
        log.Write("shed"u8);
        logs.End("sandbox://one");

        Assert.Equal("first\nsecond\nunfinished\n", await ReadAsync(logs, new PodLogRequest(Pod, "c")));
        var lines = (await ReadAsync(logs, new PodLogRequest(Pod, "c") { Timestamps = true })).Split('\n');
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z first$", lines[0]);
    }

    [Fact]
    public async Task Read_TailAndSince_GiveTheLastLinesAndTheYoungOnes()
    {
        var clock = new SteppingClock();
        var logs = new PodLogs(_folder, new LogLimits(), clock);
        var log = logs.Create("u", "c", "sandbox://one", null);
        for (var n = 1; n <= 5; n++)
        {
            log.Write(Encoding.UTF8.GetBytes($"{n}\n"));
            clock.Now += TimeSpan.FromMinutes(1);
        }

        Assert.Equal("4\n5\n", await ReadAsync(logs, new PodLogRequest(Pod, "c") { TailLines = 2 }));
        Assert.Equal("", await ReadAsync(logs, new PodLogRequest(Pod, "c") { TailLines = 0 }));
        Assert.Equal("3\n4\n5\n", await ReadAsync(logs, new PodLogRequest(Pod, "c") { Since = SteppingClock.Start.AddMinutes(2) }));
    }

    [Fact]
    public async Task Write_MoreThanAFileMayHold_RotatesAndDropsTheOldest()
    {
        var logs = new PodLogs(_folder, new LogLimits(FileBytes: 1000, Files: 3), TimeProvider.System);
        var log = logs.Create("u", "c", "sandbox://one", null);
        for (var n = 0; n < 500; n++)
            log.Write(Encoding.UTF8.GetBytes($"{n}\n"));

        var files = Directory.EnumerateFiles(Path.GetDirectoryName(log.Path)!).Select(file => new FileInfo(file)).ToList();
        Assert.Equal(3, files.Count);
        Assert.All(files, file => Assert.InRange(file.Length, 1, 1100));
        var read = (await ReadAsync(logs, new PodLogRequest(Pod, "c"))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToList();
        Assert.Equal(Enumerable.Range(read[0], read.Count), read);
        Assert.Equal(499, read[^1]);
        logs.End("sandbox://one");
    }

    [Fact]
    public async Task Follow_AcrossRotations_MissesNothingAndEndsWithTheContainer()
    {
        var logs = new PodLogs(_folder, new LogLimits(FileBytes: 2000, Files: 50), TimeProvider.System);
        var log = logs.Create("u", "c", "sandbox://one", null);
        log.Write("0\n"u8);
        var following = ReadAsync(logs, new PodLogRequest(Pod, "c") { Follow = true });

        for (var n = 1; n < 1000; n++)
            log.Write(Encoding.UTF8.GetBytes($"{n}\n"));
        logs.End("sandbox://one");

        var read = (await following.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(0, 1000).Select(n => $"{n}"), read);
    }

    [Fact]
    public async Task Open_WhileTheContainerWaitsToBeStartedAgain_GivesItsLastRun()
    {
        var logs = new PodLogs(_folder, new LogLimits(), TimeProvider.System);
        logs.Create("u", "c", "sandbox://one", null).Write("boom\n"u8);
        logs.End("sandbox://one");
        var pod = JsonNode.Parse("""
            {"metadata": {"uid": "u"}, "status": {"containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}},
             "lastState": {"terminated": {"containerID": "sandbox://one"}}}]}}
            """)!.AsObject();

        Assert.Equal("boom\n", await ReadAsync(logs, new PodLogRequest(pod, "c")));
        Assert.Equal("boom\n", await ReadAsync(logs, new PodLogRequest(pod, "c") { Previous = true }));
        Assert.Null(await logs.OpenAsync(new PodLogRequest(Pod, "c") { Previous = true }, TestContext.Current.CancellationToken));
    }

    private static async Task<string> ReadAsync(PodLogs logs, PodLogRequest request)
    {
        var text = new StringBuilder();
        await foreach (var part in (await logs.OpenAsync(request, TestContext.Current.CancellationToken))!)
            text.Append(Encoding.UTF8.GetString(part.Span));
        return text.ToString();
    }

    private sealed class SteppingClock : TimeProvider
    {
        public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
