using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Saved;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Planning;

public class SavedPlanFileTests
{
    private static readonly SavedPlan Plan = new(
        "shop", "prod", "shop", null, new DateTimeOffset(2026, 11, 26, 10, 0, 0, TimeSpan.Zero), new SavedTarget("context prod", "https://cluster.example", "uid"),
        "sha256:1", new Dictionary<string, string> { ["web"] = "repo@sha256:2" }, true,
        [
            new SavedObject(
                "apps/v1", "Deployment", "shop", "web", ResourceChange.Changed, "u", "12",
                new Dictionary<string, JsonNode?> { ["spec.replicas"] = 2, ["spec.paused"] = null, ["spec.template"] = new JsonObject { ["ü"] = "→" } },
                [new FieldChange("spec.replicas", FieldChangeKind.Changed, 2, 3), new FieldChange("spec.paused", FieldChangeKind.Added, null, true)]),
        ],
        ["Apply workloads"])
    {
        Order = new SavedOrder("blueGreen", true, false, new ApplyPolicy(ForceConflicts: true)),
    };

    [Fact]
    public void Parse_OfWhatWasWritten_IsTheSame()
    {
        var text = SavedPlanFile.Text(Plan);

        Assert.Equal(text, SavedPlanFile.Text(SavedPlanFile.Parse(text, "plan.json")));
        Assert.Equal(Plan.Order, SavedPlanFile.Parse(text, "plan.json").Order);
        Assert.StartsWith("{\n  \"schemaVersion\": 1,\n  \"kind\": \"SavedPlan\",\n  \"checksum\": \"sha256:", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OfAnyBeginningOfAPlan_GivesOneDiagnostic()
    {
        var text = SavedPlanFile.Text(Plan).TrimEnd();
        for (var length = 0; length < text.Length; length += 7)
            Assert.Equal("KUBEAPP2020", Refusal(text[..length]).Code);
    }

    [Theory]
    [InlineData("\"spec.replicas\": 2", "\"spec.replicas\": 3", "changed since it was written")]
    [InlineData("\"environment\": \"prod\"", "\"environment\": \"dev\"", "changed since it was written")]
    [InlineData("\"kind\": \"SavedPlan\"", "\"kind\": \"Plan\"", "no saved plan")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2", "schema version 2")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": \"1\"", "no saved plan")]
    [InlineData("\"checksum\": \"sha256:", "\"checksum\": \"", "changed since it was written")]
    public void Parse_OfAPlanThatWasEdited_SaysWhatIsWrong(string old, string wanted, string cause)
    {
        var text = SavedPlanFile.Text(Plan);
        Assert.Contains(old, text, StringComparison.Ordinal);

        Assert.Contains(cause, Refusal(text.Replace(old, wanted, StringComparison.Ordinal)).Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\n")]
    [InlineData("{\"kind\":\"SavedPlan\",\"kind\":\"SavedPlan\"}")]
    [InlineData("{\"kind\":7}")]
    public void Parse_OfSomethingElse_GivesOneDiagnostic(string text) => Assert.Equal("KUBEAPP2020", Refusal(text).Code);

    [Fact]
    public void Parse_OfAPlanWithARightChecksumAndWrongContent_GivesOneDiagnostic()
    {
        // As a foreign writer would do it.
        var content = new JsonObject { ["app"] = "shop" };
        var checksum = "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content.ToJsonString())));

        Assert.Equal("KUBEAPP2020", Refusal($$"""{"schemaVersion":1,"kind":"SavedPlan","checksum":"{{checksum}}","app":"shop"}""").Code);
    }

    [Fact]
    public void Read_OfNoFile_GivesOneDiagnostic() =>
        Assert.Equal("KUBEAPP2020", Assert.Single(Assert.Throws<DiagnosticException>(() => SavedPlanFile.Read(Path.Combine(Path.GetTempPath(), "no-such-plan.json"))).Diagnostics).Code);

    private static Diagnostic Refusal(string text)
    {
        var diagnostic = Assert.Single(Assert.Throws<DiagnosticException>(() => SavedPlanFile.Parse(text, "plan.json")).Diagnostics);
        Assert.Equal("plan.json", diagnostic.Place?.File);
        return diagnostic;
    }
}
