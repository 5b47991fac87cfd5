using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

public sealed partial class StoredLayersTests
{
    private static readonly string Image = $"sha256:{new string('a', 64)}";

    // What a registry says is no reason to ask for ever, or for something else.
    [Fact]
    public async Task Read_IndexOfIndexesWithoutEndAndOfOtherPlaces_AsksOnlyForItsPlatforms()
    {
        var asked = new ConcurrentQueue<string>();
        using var server = new AnsweringServer(request =>
        {
            asked.Enqueue(Path().Match(request).Groups[1].Value);
            var other = $"sha256:{asked.Count:x64}";
            return Answer($$"""{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"digest":"{{other}}"},{"digest":"{{other}}"},{"digest":"../../other/manifests/latest"},{"digest":7},8,{}]}""");
        });

        Assert.Empty(await ReadAsync(server));

        Assert.Equal([$"/v2/shop/web/manifests/{Image}", $"/v2/shop/web/manifests/sha256:{1:x64}"], asked);
    }

    [Theory]
    [InlineData("""{"layers":[{"digest":"sha256:1","size":3},{"digest":"sha256:1","size":3},{"digest":"sha256:2","size":4}]}""", "sha256:1 3, sha256:2 4")]
    [InlineData("""{"layers":[7,{"digest":8},{"size":9},{"digest":"sha256:1","size":"much"}]}""", "sha256:1 0")]
    [InlineData("""{"layers":[],"layers":[]}""", "")]
    [InlineData("""{"layers":8}""", "")]
    [InlineData("""["layers"]""", "")]
    [InlineData("no JSON", "")]
    public async Task Read_Manifest_IsWhatItSaysOfLayers(string manifest, string expected)
    {
        using var server = new AnsweringServer(Answer(manifest));

        Assert.Equal(expected, string.Join(", ", (await ReadAsync(server)).Select(layer => $"{layer.Digest} {layer.Size}")));
    }

    private static async Task<IReadOnlyList<(string Digest, long Size)>> ReadAsync(AnsweringServer server)
    {
        using var client = new RegistryClient(ImageRegistry.Parse(server.Host), _ => null, TimeSpan.FromSeconds(20));
        return await StoredLayers.ReadAsync(client, "shop/web", Image, TestContext.Current.CancellationToken);
    }

    private static string Answer(string content) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.index.v1+json\r\nContent-Length: {content.Length}\r\n\r\n{content}";

    [GeneratedRegex("^GET ([^ ]+) ")]
    private static partial Regex Path();
}
