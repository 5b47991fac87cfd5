using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.Revisions.Sample;

namespace KubeApps.Deploy.Tests.Revisions;

public sealed class RevisionObjectTests
{
    private static readonly JsonObject Web = Object(
        """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop-prod"},"spec":{"replicas":2,"note":"Grüße \"und\" \u0001 <日本>"}}""");

    [Fact]
    public void Read_OfWhatWasWritten_GivesTheSameRevision()
    {
        foreach (var outcome in Enum.GetValues<RevisionOutcome>())
        {
            var revision = Revision(7, outcome, restores: 3, objects: Web) with { ConfirmedBy = "https://github.com/example/shop/actions/runs/7" };

            var read = RevisionObject.Read(Stored(revision))!;

            Assert.Equivalent(revision with { Content = null }, read with { Content = null }, strict: true);
            Assert.Equivalent(revision.Content!.Environment with { Objects = [] }, read.Content!.Environment with { Objects = [] }, strict: true);
            var (before, after) = (revision.Content!.Environment.Objects.Single(), read.Content!.Environment.Objects.Single());
            Assert.Equal((before.Path, before.Phase), (after.Path, after.Phase));
            Assert.True(JsonNode.DeepEquals(before.Content, after.Content));
        }
    }

    [Fact]
    public void Of_ASecret_KeepsItsKeysAlone()
    {
        var secret = Object(
            """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db-1","namespace":"shop-prod"},"data":{"password":"aHVudGVyMg=="},"stringData":{"user":"hunter3"}}""");

        var stored = RevisionObject.Read(Stored(Revision(1, objects: secret)))!.Content!.Environment.Objects.Single().Content;

        Assert.Equal("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db-1","namespace":"shop-prod"},"data":{"password":null,"user":null}}""", stored.ToJsonString());
        Assert.Equal("aHVudGVyMg==", (string?)secret["data"]!["password"]);
    }

    [Fact]
    public void Read_OfHistoryWithHostileText_TakesItAsText()
    {
        const string Hostile = "evil\u001b[31m\r\n\"}],\"x\":[{\u2028</script>' | `rm -rf ~`";
        var revision = Revision(1, objects: Web) with { By = new Author(Hostile, Hostile), Commit = Hostile, Bundle = Hostile, Strategy = Hostile };
        revision = revision with { State = revision.State with { Cause = Hostile, Checks = [new RevisionCheck(Hostile, false, Hostile)] } };

        var read = RevisionObject.Read(Stored(revision))!;

        Assert.Equivalent(revision with { Content = null }, read with { Content = null }, strict: true);
    }

    public static TheoryData<string, string, string?> Damages => new()
    {
        { "metadata", "labels", null },
        { "metadata", "name", "\"kubeapp-revision-shop-8\"" },
        { "metadata", "labels", """{"kubeapps.dev/revision-of":"other","kubeapps.dev/revision":"1"}""" },
        { "metadata", "labels", """{"kubeapps.dev/revision-of":"shop","kubeapps.dev/revision":"-1"}""" },
        { "metadata", "labels", """{"kubeapps.dev/revision-of":"shop","kubeapps.dev/revision":"99999999999"}""" },
        { "data", "schemaVersion", "\"2\"" },
        { "data", "startedAt", "\"yesterday\"" },
        { "data", "images", "\"[\"" },
        { "data", "images", "\"[{}]\"" },
        { "data", "images", "7" },
        { "data", "plan", "\"{]\"" },
        { "data", "plan", "\"{\\\"created\\\":\\\"many\\\"}\"" },
        { "metadata", "annotations", """{"kubeapps.dev/checks":"[{\"name\":1}]"}""" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Read_OfSomethingElse_IsNoRevision(string part, string name, string? value)
    {
        var stored = Stored(Revision(1, objects: Web));
        stored[part]![name] = value is null ? null : JsonNode.Parse(value);

        Assert.Null(RevisionObject.Read(stored));
    }

    [Theory]
    [InlineData("no gzip at all")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"environment":{},"objects":[]}""")]
    [InlineData("""{"environment":{"name":"prod"},"objects":[{}]}""")]
    [InlineData("""{"environment":{"name":"prod","namespace":"a","target":{"kind":"sandbox"},"strategy":{"kind":"rolling"},"objects":[null]},"objects":[{"apiVersion":"v1"}]}""")]
    [InlineData("""{"environment":{"name":"prod","namespace":"a","target":{"kind":"sandbox"},"strategy":{"kind":"rolling"},"objects":[{"path":"p","phase":"main"}]},"objects":[{"apiVersion":"v1","kind":7,"metadata":{"name":"x"}}]}""")]
    [InlineData("""{"environment":{"name":"prod","namespace":"a","target":{"kind":"sandbox"},"strategy":{"kind":"rolling"},"objects":[{"path":"p","phase":"main"}]},"objects":[{"apiVersion":"v1","kind":"A","metadata":"x"}]}""")]
    public void Read_OfContentThatIsNone_CannotBeReturnedTo(string content)
    {
        var bytes = content.StartsWith("no gzip", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(content) : Gzip(Encoding.UTF8.GetBytes(content));

        var read = RevisionObject.Read(WithContent(bytes))!;

        Assert.Null(read.Content);
        Assert.False(read.IsRestorable);
    }

    [Fact]
    public void Read_OfContentThatWasChanged_CannotBeReturnedTo()
    {
        var stored = Stored(Revision(1, objects: Web));
        stored["binaryData"]!["environment.json.gz"] = Convert.ToBase64String(RevisionContent.Of(Content()).Pack());

        Assert.Null(RevisionObject.Read(stored)!.Content);
    }

    [Fact]
    public void Read_OfABomb_StopsBeforeTheMemoryDoes()
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            var zeros = new byte[1024 * 1024];
            for (var count = 0; count < 300; count++)
                gzip.Write(zeros);
        }

        Assert.Null(RevisionContent.Read(stream.ToArray()));
    }

    [Fact]
    public void FirstLine_OfALongCause_Has140CharactersAndNoBreak()
    {
        var line = RevisionState.FirstLine("a\nb " + new string('x', 200));

        Assert.Equal(140, line.Length);
        Assert.StartsWith("a b x", line, StringComparison.Ordinal);
        Assert.EndsWith("…", line, StringComparison.Ordinal);
    }

    private static JsonObject Stored(Revision revision)
    {
        var content = RevisionObject.Of(revision, revision.Content?.Pack());
        content["metadata"]!["uid"] = revision.Uid;
        return (JsonObject)JsonNode.Parse(content.ToJsonString())!;
    }

    private static JsonObject WithContent(byte[] bytes)
    {
        var stored = Stored(Revision(1, objects: Web));
        stored["binaryData"]!["environment.json.gz"] = Convert.ToBase64String(bytes);
        stored["data"]!["contentDigest"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
        return stored;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return stream.ToArray();
    }
}
