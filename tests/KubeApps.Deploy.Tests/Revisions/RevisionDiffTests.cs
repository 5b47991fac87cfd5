using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Tests.Revisions;

/// <summary>What differs between two revisions whose objects were kept: images, configuration and manifests, field by field.</summary>
public sealed class RevisionDiffTests
{
    [Fact]
    public void Of_ConfigurationOfAnotherContent_IsTheSameOneWithItsFields()
    {
        var diff = RevisionDiff.Of(Revision(1, Config("settings-0000000001", "info"), Web("1", 2)), Revision(2, Config("settings-0000000002", "debug"), Web("1", 2)));

        var change = Assert.Single(diff.Objects);
        Assert.Equal(("ConfigMap", "settings-0000000002", "settings-0000000001"), (change.Id.Kind, change.Id.Name, change.Replaces));
        var field = Assert.Single(change.Fields);
        Assert.Equal(("data.level", "info", "debug"), (field.Path, (string?)field.Old, (string?)field.New));
        Assert.Empty(diff.Images);
        Assert.True(diff.IsWhole);
    }

    [Fact]
    public void Of_SecretsOfOtherValues_SaysThatAndNoValue()
    {
        var diff = RevisionDiff.Of(Revision(1, Secret("db-0000000001")), Revision(2, Secret("db-0000000002")));

        var change = Assert.Single(diff.Objects);
        Assert.Equal(("db-0000000001", "with other values"), (change.Replaces, change.Note));
        Assert.All(change.Fields, field => Assert.True(field.IsHidden));
    }

    [Theory]
    [InlineData("db-0000000002")]
    [InlineData("db-0000000001")]
    public void Of_SecretsOfOtherKeys_NamesThem(string name)
    {
        var diff = RevisionDiff.Of(Revision(1, Secret("db-0000000001")), Revision(2, Secret(name, "password", "user")));

        var field = Assert.Single(Assert.Single(diff.Objects).Fields);
        Assert.Equal(("data.user", FieldChangeKind.Added, true), (field.Path, field.Kind, field.IsHidden));
    }

    [Fact]
    public void Of_ManifestsThatCameWentAndChanged_NamesEachWithWhatChanged()
    {
        var diff = RevisionDiff.Of(Revision(1, Web("1", 2), Service("old"), Service("same")), Revision(2, Web("2", 3), Service("new"), Service("same")));

        Assert.Equal(
            ["Deployment web Changed", "Service new Created", "Service old Deleted"],
            diff.Objects.Select(item => $"{item.Id.Kind} {item.Id.Name} {item.Change}").Order(StringComparer.Ordinal));
        var fields = diff.Objects.Single(item => item.Id.Kind == "Deployment").Fields;
        Assert.Equal(["spec.replicas", "spec.template.spec.containers[web].image"], fields.Select(field => field.Path).Order(StringComparer.Ordinal));
        var image = Assert.Single(diff.Images);
        Assert.Equal(("web", "web", "registry.example.com/web:1", "registry.example.com/web:2"), (image.Workload.Name, image.Container, image.Old, image.New));
    }

    [Fact]
    public void Of_EqualRevisions_IsEmpty()
    {
        var diff = RevisionDiff.Of(Revision(1, Web("1", 2), Secret("db-0000000001")), Revision(2, Web("1", 2), Secret("db-0000000001")));

        Assert.Empty(diff.Objects);
        Assert.Empty(diff.Images);
    }

    private static Revision Revision(int number, params JsonObject[] objects) => Sample.Revision(number, objects: objects);

    private static JsonObject Config(string name, string level) =>
        Sample.Object($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"shop-prod"},"data":{"level":"{{level}}","region":"eu"} }""");

    private static JsonObject Secret(string name, params string[] keys) => Sample.Object(
        $$"""
        {"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{name}}","namespace":"shop-prod"},
         "data":{{{string.Join(',', keys.DefaultIfEmpty("password").Select(key => $"\"{key}\":null"))}} } }
        """);

    private static JsonObject Service(string name) =>
        Sample.Object($$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","namespace":"shop-prod"},"spec":{"ports":[{"port":80}]} }""");

    private static JsonObject Web(string version, int replicas) => Sample.Object(
        $$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop-prod"},"spec":{"replicas":{{replicas}},
         "template":{"spec":{"containers":[{"name":"web","image":"registry.example.com/web:{{version}}"}]} } } }
        """);
}
