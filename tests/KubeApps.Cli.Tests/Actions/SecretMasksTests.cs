using System.Text.Json.Nodes;
using KubeApps.Cli.Actions;

namespace KubeApps.Cli.Tests.Actions;

/// <summary>What a deploy comes to know is masked before it can be shown.</summary>
public sealed class SecretMasksTests(ToolProcess tool) : IClassFixture<ToolProcess>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Add_OfLines_MasksEachOnceAndNoBraces()
    {
        var text = Runner.Log(log =>
        {
            var masks = new SecretMasks(log);
            masks.Add("{\r\n  \"key\": \"100%\"\n}\n", "a", null, " ", "a", "{");
            masks.Add("another");
        });

        Assert.Equal("::add-mask::\"key\": \"100%25\"\n::add-mask::a\n::add-mask::{\n::add-mask::another\n", text);
    }

    [Fact]
    public void Masked_Text_HasNoneOfThem()
    {
        using var output = new StringWriter();
        var masks = new SecretMasks(new WorkflowLog(output));
        masks.Add("secret", "secret-and-more", "a");

        Assert.Equal("*** *** banana", masks.Masked("secret-and-more secret banana"));
    }

    [Fact]
    public async Task Deploy_WithSecrets_MasksAllBeforeAnythingElse()
    {
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        var bundle = tool.WriteBundle("masked", registry, secret: true);
        var docker = Convert.ToBase64String("user:stored-password"u8);
        _folder.Write("config.json", $$"""{"auths":{"registry.example":{"auth":"{{docker}}"} } }""");
        var variables = new Dictionary<string, string?>
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_TOKEN"] = "ghs_token",
            ["DOCKER_CONFIG"] = _folder.Path,
            ["DOTNET_CONTAINER_REGISTRY_PWORD"] = "pushed-password",
            ["DB_PASSWORD"] = "hunter22\nsecond line",
        };

        foreach (var format in (string[])["text", "jsonl"])
        {
            var (exit, output, error) = await tool.RunAsync(variables, "deploy", "--bundle", bundle, "-o", format);

            Assert.True(exit == 0, error);
            var lines = error.Split('\n');
            var masks = lines.TakeWhile(line => line.StartsWith("::add-mask::", StringComparison.Ordinal)).Select(line => line["::add-mask::".Length..]).ToList();
            Assert.Superset(new HashSet<string> { "ghs_token", "stored-password", "pushed-password" }, masks.ToHashSet());
            var all = lines.Where(line => line.StartsWith("::add-mask::", StringComparison.Ordinal)).Select(line => line["::add-mask::".Length..]).ToHashSet();
            // From the environment, made up, and what opens the cluster.
            Assert.Superset(new HashSet<string> { "hunter22", "second line" }, all);
            Assert.Contains(all, value => value.Length == 64 && value.All(char.IsAsciiHexDigitLower));
            var told = string.Join('\n', lines.Where(line => !line.StartsWith("::add-mask::", StringComparison.Ordinal))) + output;
            Assert.All(all.Where(value => value.Length > 3), value => Assert.DoesNotContain(value, told, StringComparison.Ordinal));
        }

        variables["GITHUB_ACTIONS"] = null;
        Assert.DoesNotContain("add-mask", (await tool.RunAsync(variables, "deploy", "--bundle", bundle)).Error, StringComparison.Ordinal);
    }
}
