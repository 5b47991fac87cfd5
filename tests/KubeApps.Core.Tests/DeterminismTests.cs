using System.Diagnostics;
using System.Text;

namespace KubeApps.Core.Tests;

/// <summary>The same inputs give the same bytes, whatever language and time zone the machine speaks: msbuild, in which drafts are rendered, has the user's.</summary>
public class DeterminismTests
{
    private const string RuntimeConfig = """
        {
          "runtimeOptions": {
            "framework": { "name": "Microsoft.NETCore.App", "version": "10.0.0" },
            "configProperties": { "System.Globalization.Invariant": false, "System.Globalization.PredefinedCulturesOnly": false }
          }
        }
        """;

    // A dotless i; other signs in numbers, and another calendar.
    [Theory]
    [InlineData("tr_TR.UTF-8", "Pacific/Auckland")]
    [InlineData("fa_IR.UTF-8", "America/St_Johns")]
    public async Task Render_Samples_GiveTheReviewedBytesInEveryLanguageAndTimeZone(string language, string timeZone)
    {
        var config = Path.Join(Path.GetTempPath(), $"kubeapps-{Guid.NewGuid():n}.runtimeconfig.json");
        try
        {
            await File.WriteAllTextAsync(config, RuntimeConfig, TestContext.Current.CancellationToken);
            var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
            {
                // This very assembly, in a process of its own: the tests that compare what samples render to with what was reviewed.
                ArgumentList = { "exec", "--runtimeconfig", config, typeof(DeterminismTests).Assembly.Location, "-class", typeof(SampleTests).FullName!, "-class", typeof(KitchenSinkTests).FullName! },
                Environment = { ["LC_ALL"] = language, ["TZ"] = timeZone, ["KUBEAPPS_UPDATE_SNAPSHOTS"] = null },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
            };

            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.SkipWhen((await error).Contains("ICU", StringComparison.Ordinal), "The machine has no library of languages (libicu).");
            Assert.True(process.ExitCode == 0, output + await error);
            Assert.Matches(@"Total: [1-9][0-9]+, Errors: 0, Failed: 0, Skipped: 0", output);
        }
        finally
        {
            File.Delete(config);
        }
    }
}
