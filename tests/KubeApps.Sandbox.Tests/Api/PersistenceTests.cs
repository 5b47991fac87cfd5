using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Tests.Api;

/// <summary>What was answered is there after a restart, however the process ended.</summary>
public sealed class PersistenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubeapps-store").FullName;

    private string LogFile => Path.Combine(_folder, "objects.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_AfterChanges_HasTheLastStateAndGoesOnCounting()
    {
        long version;
        using (var store = ObjectStore.Open(_folder))
        {
            Put(store, "a", "1");
            Put(store, "a", "2");
            Put(store, "b", "1");
            store.Write(Key("b"), _ => null);
            version = store.Version;
        }

        using var again = ObjectStore.Open(_folder);

        Assert.Equal("2", (string?)again.Get(Key("a"))!["data"]!["k"]);
        Assert.Null(again.Get(Key("b")));
        Assert.Equal(version, again.Version);
    }

    [Fact]
    public void Open_AfterATornWrite_DropsItAndKeepsTheRest()
    {
        using (var store = ObjectStore.Open(_folder))
        {
            Put(store, "a", "1");
            Put(store, "b", "1");
        }

        var whole = File.ReadAllBytes(LogFile);
        File.WriteAllBytes(LogFile, whole[..^20]);

        using (var again = ObjectStore.Open(_folder))
        {
            Assert.NotNull(again.Get(Key("a")));
            Assert.Null(again.Get(Key("b")));
            Put(again, "c", "1");
        }

        using var third = ObjectStore.Open(_folder);
        Assert.NotNull(third.Get(Key("c")));
    }

    [Fact]
    public void Open_DamagedInTheMiddle_KeepsACopyForWhoeverWantsToLook()
    {
        using (var store = ObjectStore.Open(_folder))
        {
            Put(store, "a", "1");
            Put(store, "b", "1");
            Put(store, "c", "1");
        }

        var bytes = File.ReadAllBytes(LogFile);
        bytes[Array.IndexOf(bytes, (byte)'\n') + 40] ^= 1;
        File.WriteAllBytes(LogFile, bytes);

        using var again = ObjectStore.Open(_folder);

        Assert.NotNull(again.Get(Key("a")));
        Assert.Null(again.Get(Key("b")));
        Assert.Equal(bytes, File.ReadAllBytes(LogFile + ".damaged"));
    }

    [Fact]
    public void Open_WhileAnotherHasIt_IsRefused()
    {
        using var store = ObjectStore.Open(_folder);

        Assert.Throws<IOException>(() => ObjectStore.Open(_folder));
    }

    [Fact]
    public void Write_MuchHistory_IsRewrittenToWhatIsThere()
    {
        var big = new string('x', 100_000);
        using (var store = ObjectStore.Open(_folder))
        {
            for (var index = 0; index < 200; index++)
                Put(store, "a", big + index);
            Assert.True(new FileInfo(LogFile).Length < 10_000_000);
        }

        using var again = ObjectStore.Open(_folder);
        Assert.EndsWith("x199", (string?)again.Get(Key("a"))!["data"]!["k"], StringComparison.Ordinal);
        Assert.Equal(200, again.Version);
    }

    [Fact]
    public void Write_DiskFull_ChangesNothingAndSaysSo()
    {
        if (!File.Exists("/dev/full"))
            Assert.Skip("needs /dev/full");
        File.CreateSymbolicLink(LogFile, "/dev/full");
        using var store = ObjectStore.Open(_folder);

        var failure = Assert.Throws<StateNotSavedException>(() => Put(store, "a", "1"));

        Assert.Contains("free some space", failure.Message, StringComparison.Ordinal);
        Assert.Null(store.Get(Key("a")));
    }

    [Fact]
    public async Task Restart_OfTheApi_KeepsObjectsAndForgetsOldWatches()
    {
        string version;
        await using (var api = await TestApi.StartAsync(_folder))
        {
            var created = await api.PostAsync("/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"kept"}}""");
            version = (string)created.Body["metadata"]!["resourceVersion"]!;
            await api.PostAsync("/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"later"}}""");
        }

        await using var again = await TestApi.StartAsync(_folder);

        Assert.Equal(200, (await again.GetAsync("/api/v1/namespaces/default/configmaps/kept")).Status);
        var watch = await again.GetAsync($"/api/v1/namespaces/default/configmaps?watch=1&resourceVersion={version}&timeoutSeconds=2");
        Assert.Equal("ERROR", (string?)watch.Body["type"]);
    }

    private static ObjectKey Key(string name) => new(ResourceTypes.ConfigMap, "default", name);

    private static void Put(ObjectStore store, string name, string value) => store.Write(Key(name), _ => new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["data"] = new JsonObject { ["k"] = value },
    });
}
