using KubeApps.Deploy.History;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using static KubeApps.Deploy.Tests.History.Recorded;

namespace KubeApps.Deploy.Tests.History;

/// <summary>What <c>rollback --to-deployment</c> returns to.</summary>
public sealed class DeploymentTargetTests
{
    private static readonly Inventory Shop = Revisions.Sample.Inventory(9);

    [Fact]
    public void Target_ClusterKnowsTheRecord_IsItsRevision()
    {
        var marked = Revision(3, 0) with { Record = new RecordMark("https://api.github.com/", "acme/shop", "prod", new RecordCluster("prod-eu", "cluster-1")) { Id = 77 } };

        Assert.Equal(3, DeploymentTarget.Find(77, [Revision(2, 0), marked])?.Number);
        Assert.Null(DeploymentTarget.Find(78, [Revision(2, 0), marked]));
    }

    [Fact]
    public void Target_RecordNamesAKeptRevision_IsIt() =>
        Assert.Equal(new DeploymentTarget.OfRevision(4), DeploymentTarget.Of(Deployment(4, 0), Shop, [Revision(3, 0), Revision(4, 0)]));

    [Fact]
    public void Target_RevisionIsNotKept_IsTheBundleOfTheRecord()
    {
        var target = Assert.IsType<DeploymentTarget.OfBundle>(DeploymentTarget.Of(Gone(2), Shop, [Kept(4)]));

        Assert.Equal(($"oci://registry.example.com/shop@{Digest('1')}", 2), (target.Bundle.ToString(), target.Number));
        Assert.IsType<DeploymentTarget.OfBundle>(DeploymentTarget.Of(Gone(2), Shop with { Bundle = Kept(4).Bundle }, []));
    }

    [Theory]
    [InlineData("oci://registry.evil.example/shop")]
    [InlineData("oci://registry.example.com/other")]
    [InlineData("oci://registry.example.com:5000/shop")]
    public void Target_BundleIsOfAPlaceThatNoRevisionCameFrom_IsLeftToADeployByHand(string place)
    {
        var refusal = Refused("KUBEAPP9043", Gone(2, place), Kept(4));

        Assert.Contains($"dotnet kubeapp deploy --bundle {place}@{Digest('1')} -e prod", refusal.NextStep, StringComparison.Ordinal);
        Refused("KUBEAPP9043", Gone(2, place));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(40, 3)]
    public void Target_RevisionIsNotKept_IsOlderThanAllThatAreWhateverItsRecordSays(int said, int number) =>
        Assert.Equal(number, Assert.IsType<DeploymentTarget.OfBundle>(DeploymentTarget.Of(Gone(said), Shop, [Kept(4), Kept(5)])).Number);

    [Fact]
    public void Target_NeitherRevisionNorBundleIsLeft_NamesTheCommit() => Assert.Contains(
        Sha(2), Refused("KUBEAPP9044", Deployment(2, 0, payload: Payload(2).Replace("\"reference\"", "\"none\"", StringComparison.Ordinal))).NextStep, StringComparison.Ordinal);

    [Theory]
    [InlineData("oci://registry.example.com/shop:latest")]
    [InlineData("https://registry.example.com/shop")]
    [InlineData("../../etc")]
    public void Target_BundleIsNoneThatStaysWhatItIs_IsNotTaken(string reference) =>
        Refused("KUBEAPP9044", Deployment(2, 0, payload: Payload(2).Replace("oci://registry.example.com/shop@sha256:11", reference, StringComparison.Ordinal)));

    [Theory]
    [InlineData("\"by hand\"", "another tool")]
    [InlineData("{\"app\":\"shop\"}", "another tool")]
    public void Target_RecordOfAnotherTool_IsRefused(string payload, string cause) =>
        Assert.Contains(cause, Refused("KUBEAPP9043", Deployment(2, 0, payload: payload)).Cause, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"app\":\"shop\"", "\"app\":\"api\"", "of the app api")]
    [InlineData("\"environment\":\"prod\"", "\"environment\":\"staging\"", "of the environment staging")]
    [InlineData("\"namespace\":\"shop-prod\"", "\"namespace\":\"other\"", "namespace other")]
    [InlineData("cluster-1", "cluster-2", "another cluster (context prod-eu)")]
    public void Target_RecordOfSomethingElse_IsRefused(string old, string other, string cause)
    {
        var here = Revision(4, 0) with { Record = new RecordMark("https://api.github.com/", "acme/shop", "prod", new RecordCluster("x", "cluster-1")) };

        Assert.Contains(cause, Refused("KUBEAPP9043", Deployment(4, 0, payload: Payload(4).Replace(old, other, StringComparison.Ordinal)), here).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Target_RecordOfAnEnd_IsRefused() => Refused("KUBEAPP9043", Deployment(4, 0, task: "deploy:destroy"), Revision(4, 0));

    private static RecordedDeployment Gone(int revision, string place = "oci://registry.example.com/shop") =>
        Deployment(revision, 0, payload: Payload(revision).Replace("oci://registry.example.com/shop@sha256:11", $"{place}@{Digest('1')}", StringComparison.Ordinal));

    private static Revision Kept(int number) => Revision(number, 0) with { Bundle = $"oci://registry.example.com/shop@{Digest('2')}" };

    private static string Digest(char digit) => $"sha256:{new string(digit, 64)}";

    private static Diagnostic Refused(string code, RecordedDeployment record, params Revision[] revisions)
    {
        var refusal = Assert.Single(Assert.Throws<DiagnosticException>(() => DeploymentTarget.Of(record, Shop, revisions)).Diagnostics);
        Assert.Equal(code, refusal.Code);
        return refusal;
    }
}
