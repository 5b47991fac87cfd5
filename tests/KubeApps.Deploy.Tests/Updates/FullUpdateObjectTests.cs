using System.Text.Json.Nodes;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Updates;

public class FullUpdateObjectTests
{
    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        foreach (var phase in Enum.GetValues<UpdatePhase>())
        {
            var update = new FullUpdate("shop-prod-1", "shop-prod-2", phase, LeapingClock.Start, new UpdateTerms("abc")
            {
                Commit = "0123456789012345678901234567890123456789",
                OneWayJobs = ["migrate-2"],
                Shares = [10, 100],
                Watch = TimeSpan.FromSeconds(1.5),
                Soak = TimeSpan.Zero,
                Silence = TimeSpan.FromSeconds(7),
                Patience = TimeSpan.FromHours(3),
            })
            {
                Record = phase == UpdatePhase.Held ? null : new UpdateMark(
                    new RecordMark("https://api.github.com/", "acme/shop", "prod", new RecordCluster("shop-prod-2")) { Rollout = "r-1", Id = 7, State = "in_progress", Statuses = 3 },
                    LeapingClock.Start, new Author("jane", "https://github.example/run/1") { Attempt = 2 }),
            };

            Assert.Equal(update, FullUpdateObject.Read(FullUpdateObject.Of(update, "shop", "shop"), "shop"));
        }
    }

    [Theory]
    [InlineData("""{"schemaVersion":"2","update":"{}"}""")]
    [InlineData("""{"schemaVersion":"1","update":"{}"}""")]
    [InlineData("""{"schemaVersion":"1","update":"{\"to\":\"b\",\"phase\":\"melting\"}"}""")]
    [InlineData("""{"schemaVersion":"1","update":"no JSON"}""")]
    [InlineData("{}")]
    public void Read_WhatNobodyHereWrote_IsRefused(string data)
    {
        var failure = Assert.Throws<DiagnosticException>(() => FullUpdateObject.Read(new JsonObject { ["data"] = JsonNode.Parse(data) }, "shop"));

        Assert.Equal(DiagnosticDescriptors.UpdateStateUnreadable.Code, failure.Diagnostics[0].Code);
    }
}
