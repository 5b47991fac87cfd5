using System.Text.Json.Nodes;
using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Bundles;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

/// <summary><c>dotnet publish</c> with images in ECR, as the environment or the build's property says: the whole way, through AWS's stand-in into a real registry.</summary>
public sealed class EcrPublishTests(PackageFeed feed, AwsStandIn aws, GuardedRegistry registry) : IClassFixture<GuardedRegistry>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(".WithRegistry(\"ecr/team\")", null, "team/")]
    [InlineData(".WithRegistry(\"registry.example.com/team\")", "ecr/build", "build/")]
    [InlineData(".WithEcr(new EcrSettings { CacheBaseImages = true, ReplicaRegions = { \"eu-west-1\" } })", "ecr", "")]
    public async Task Publish_IntoEcr_MakesTheRepositoriesPushesWithTheTokenAndAwaitsTheReplicas(string target, string? property, string prefix)
    {
        registry.RequirePresent();
        using var account = await aws.NewAccountAsync();
        account.Registry = new StandInRegistry(registry.Host, GuardedRegistry.Password);
        account.Delays = Delays.Real with { Network = TimeSpan.FromSeconds(1) };
        await CacheBasesAsync(account);
        var usesCache = target.Contains("CacheBaseImages", StringComparison.Ordinal) ? "" : ".WithEcr(new EcrSettings { CacheBaseImages = true })";
        var folder = feed.NewFolder().WriteWeb(
            spec: ThrowAway.Spec.Replace(
                "public override void Define",
                $$"""
                public override IReadOnlyList<DeployEnvironment> Environments => [new("prod", Target.Eks("{{account.Id}}", "{{account.Region}}"){{target}}{{usesCache}})];

                    public override void Define
                """,
                StringComparison.Ordinal),
            properties: "<ContainerBaseImage>public.ecr.aws/host-runtime:10.0</ContainerBaseImage>");
        string[] arguments = ["-p:KubeAppPush=true", "-p:KubeAppEnvironment=prod", .. (string[])(property is null ? [] : [$"-p:KubeAppRegistry={property}"])];

        var published = (await folder.PublishAsync("web", account.Variables.ToDictionary(item => item.Key, item => (string?)item.Value), arguments)).Succeeded();

        Assert.Equal([$"{prefix}web", $"{prefix}web/web"], account.Ledger.EverOf("ecr:repository").Select(repository => repository.Key).Order(StringComparer.Ordinal));
        var image = BundleFiles.Read(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp")).Images["web"];
        Assert.Equal($"{registry.Host}/{prefix}web/web", image.Repository);
        using var client = new RegistryClient(new ImageRegistry(registry.Host, "", new RegistryCredentials("AWS", GuardedRegistry.Password)), _ => null, TimeSpan.FromSeconds(30));
        Assert.Equal(image.Digest, await client.FindAsync($"{prefix}web/web", image.Tag!, Token));
        Assert.Equal(
            target.Contains("ReplicaRegions", StringComparison.Ordinal),
            account.Requests.Count(request => request.Operation == "DescribeImageReplicationStatus" && (string?)request.Input["repositoryName"] == $"{prefix}web/web") > 1);
        var told = JsonNode.Parse(folder.Read("web", "obj", "Release", "net10.0", "kubeapp", "images.json"))!.AsArray().Single()!;
        Assert.Equal((image.Reference, false), ((string?)told["image"], (bool?)told["wasThere"]));
        // The token is nowhere on the disk, and nobody tells it.
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.PathOf(), "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(GuardedRegistry.Password, StringComparison.Ordinal));
        Assert.DoesNotContain(GuardedRegistry.Password, published.Text, StringComparison.Ordinal);
    }

    // What the cache would have in its repository stands in the registry already.
    private static async Task CacheBasesAsync(StandInAccount account)
    {
        var settings = new AwsSettings
        {
            Account = account.Id,
            Region = account.Region,
            Credentials = new BasicAWSCredentials(account.User.AccessKey, account.User.SecretKey),
            Endpoint = account.Endpoint,
        };
        using var access = await AwsAccess.OpenAsync(settings, Token);
        await access.Ecr.CreatePullThroughCacheRuleAsync(new("kubeapps", "public.ecr.aws"), Token);
    }
}
