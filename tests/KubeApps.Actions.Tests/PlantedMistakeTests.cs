using KubeApps.Actions.Tests.Checking;

namespace KubeApps.Actions.Tests;

/// <summary>Each check bites.</summary>
public sealed class PlantedMistakeTests(PlantedMistakeTests.Findings findings) : IClassFixture<PlantedMistakeTests.Findings>
{
    /// <summary>All mistakes in one run of the checkers.</summary>
    public sealed class Findings : IAsyncLifetime
    {
        internal IReadOnlyDictionary<string, IReadOnlyList<Finding>> ByMistake { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var sets = PlantedMistakes.All.Select(mistake => new FileSet(
                new Dictionary<string, string>(PlantedMistakes.Files) { [mistake.File] = Plant(mistake) }, [mistake.File])).ToList();
            ByMistake = PlantedMistakes.All.Zip(await Checkers.CheckAsync(sets)).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static string Plant(PlantedMistakes.Mistake mistake)
        {
            var text = PlantedMistakes.Files[mistake.File];
            Assert.Contains(mistake.Instead, text, StringComparison.Ordinal);
            return text.Replace(mistake.Instead, mistake.Planted, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string> Mistakes => [.. PlantedMistakes.All.Select(mistake => mistake.Name)];

    [Theory, MemberData(nameof(Mistakes))]
    public void Check_PlantedMistake_IsFound(string name)
    {
        var mistake = PlantedMistakes.All.Single(item => item.Name == name);
        Assert.SkipWhen(mistake.Checker == "shellcheck" && !ShellScripts.IsThere, "ShellCheck is not on this machine.");

        var found = findings.ByMistake[name];

        Assert.True(found.Any(finding => finding.Checker == mistake.Checker && finding.File == mistake.File), $"{mistake.Checker} found nothing; there is: {string.Join(" ", found)}");
    }

    [Fact]
    public async Task Check_NoMistake_FindsNothing() => Assert.Empty(await Checkers.CheckAsync(new FileSet(PlantedMistakes.Files)));
}
