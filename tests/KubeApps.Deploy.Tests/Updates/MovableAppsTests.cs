using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Updates;

public class MovableAppsTests
{
    [Theory]
    [InlineData("""{"kind":"Deployment","metadata":{"name":"web"}}""", null)]
    [InlineData("""{"kind":"StatefulSet","metadata":{"name":"queue"},"spec":{}}""", null)]
    [InlineData("""{"kind":"PersistentVolumeClaim","metadata":{"name":"cache","annotations":{"kubeapps.dev/per-slot":"true"}}}""", null)]
    [InlineData("""{"kind":"PersistentVolumeClaim","metadata":{"name":"data"}}""", "KUBEAPP7210")]
    [InlineData("""{"kind":"StatefulSet","metadata":{"name":"db"},"spec":{"volumeClaimTemplates":[{}]}}""", "KUBEAPP7210")]
    [InlineData("""{"kind":"CronJob","metadata":{"name":"report"}}""", "KUBEAPP7211")]
    public void Look_AtAnObject_TellsWhatStaysBehind(string content, string? code)
    {
        var environment = new BundleEnvironment("prod", new BundleTarget("sandbox"), "shop", new BundleStrategy("rolling", TimeSpan.FromMinutes(1)), [new BundleObject("a.yaml", "main", (JsonObject)JsonNode.Parse(content)!)]);

        var findings = MovableApps.Look(new Bundle(1, "shop", null, false, new Dictionary<string, BundleImage>(), [environment]), environment);

        Assert.Equal(code is null ? [] : [code], findings.Select(finding => finding.Code));
        Assert.All(findings, finding => Assert.Equal(finding.Code == "KUBEAPP7210" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning, finding.Severity));
    }
}
