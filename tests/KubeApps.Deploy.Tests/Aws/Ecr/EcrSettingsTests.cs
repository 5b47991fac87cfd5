using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Tests.Aws.StandIn;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Aws.Ecr;

/// <summary>A registry of ECR keeps an app's images as the specification says: key, who may pull, where they go, and the cache for base images.</summary>
public sealed class EcrSettingsTests(AwsStandIn aws)
{
    private const string Key = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000001";
    private const string Base = "public.ecr.aws/ubuntu/dotnet-aspnet:10.0";

    private readonly EventLog _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ensure_WithAKey_EncryptsWithItFromTheBeginning()
    {
        using var account = await aws.NewAccountAsync();

        await EnsureAsync(account, new EcrSettings { KmsKey = Key });
        await EnsureAsync(account, new EcrSettings { KmsKey = Key });

        var encryption = Assert.Single(account.Ledger.EverOf("ecr:repository")).Content["encryptionConfiguration"]!;
        Assert.Equal(("KMS", Key), ((string)encryption["encryptionType"]!, (string)encryption["kmsKey"]!));
        Assert.Empty(Told());
    }

    [Fact]
    public async Task Ensure_ARepositoryWithAnotherKey_Warns()
    {
        using var account = await aws.NewAccountAsync();

        await EnsureAsync(account, new EcrSettings());
        await EnsureAsync(account, new EcrSettings { KmsKey = "alias/images" });

        Assert.Equal(["KUBEAPP3203"], Told());
    }

    [Fact]
    public async Task Ensure_WithAccountsThatPull_BringsThePolicyToThem()
    {
        using var account = await aws.NewAccountAsync();

        await EnsureAsync(account, new EcrSettings { PullAccounts = { "111111111111" } });
        await EnsureAsync(account, new EcrSettings { PullAccounts = { "111111111111" } });
        var granted = await PolicyAsync(account);
        await EnsureAsync(account, new EcrSettings());

        Assert.Contains("arn:aws:iam::111111111111:root", granted, StringComparison.Ordinal);
        Assert.Single(account.Requests, request => request.Operation == "SetRepositoryPolicy");
        Assert.Single(account.Requests, request => request.Operation == "DeleteRepositoryPolicy");
    }

    [Fact]
    public async Task Ensure_WithReplicas_AddsOneRuleToThoseOfTheRegistry()
    {
        using var account = await aws.NewAccountAsync();
        using var ecr = new RawAws(ServiceModel.Of("ecr"), account);
        await ecr.AskAsync("PutReplicationConfiguration", $$"""
            {"replicationConfiguration":{"rules":[{"destinations":[{"region":"us-east-1","registryId":"{{account.Id}}"}],"repositoryFilters":[{"filter":"team/","filterType":"PREFIX_MATCH"}]}]} }
            """);

        await EnsureAsync(account, new EcrSettings { ReplicaRegions = { "us-east-1", "eu-west-1" } });
        await EnsureAsync(account, new EcrSettings { ReplicaRegions = { "eu-west-1" } });

        Assert.Equal(2, account.Requests.Count(request => request.Operation == "PutReplicationConfiguration"));
        var rules = (await ecr.AskAsync("DescribeRegistry", "{}"))["replicationConfiguration"]!["rules"]!.AsArray();
        Assert.Equal(["team/ us-east-1", "team/shop/ eu-west-1"], rules.Select(rule => $"{rule!["repositoryFilters"]![0]!["filter"]} {rule["destinations"]![0]!["region"]}"));
    }

    [Fact]
    public async Task FindCached_OfAnOpenRegistry_MakesTheRuleOnce()
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, new EcrSettings { CacheBaseImages = true });
        using var repositories = registry.Repositories;

        string?[] found = await Task.WhenAll(registry.FindCachedAsync(Base, isDry: false, Token), registry.FindCachedAsync(Base, isDry: false, Token));

        Assert.Equal(["ecr-public/ubuntu/dotnet-aspnet:10.0", "ecr-public/ubuntu/dotnet-aspnet:10.0"], found);
        Assert.Single(account.Ledger.EverOf("ecr:pull-through-cache-rule"));
    }

    [Fact]
    public async Task FindCached_Dry_MakesNoRule()
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, new EcrSettings { CacheBaseImages = true });
        using var repositories = registry.Repositories;

        Assert.Null(await registry.FindCachedAsync(Base, isDry: true, Token));
        Assert.Empty(account.Ledger.Ever);
    }

    [Fact]
    public async Task FindCached_WithARuleThatIsThere_GoesThroughIt()
    {
        using var account = await aws.NewAccountAsync();
        using var ecr = new RawAws(ServiceModel.Of("ecr"), account);
        await ecr.AskAsync("CreatePullThroughCacheRule", """
            {"ecrRepositoryPrefix":"hub","upstreamRegistryUrl":"registry-1.docker.io","credentialArn":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/hub-123456"}
            """);
        var registry = await OpenAsync(account, new EcrSettings { CacheBaseImages = true });
        using var repositories = registry.Repositories;

        Assert.Equal("hub/library/debian:13", await registry.FindCachedAsync("debian:13", isDry: false, Token));
        Assert.Single(account.Requests, request => request.Operation == "CreatePullThroughCacheRule");
    }

    [Theory]
    [InlineData("mcr.microsoft.com/dotnet/aspnet:10.0")]
    [InlineData("debian:13")]
    public async Task FindCached_OfARegistryThatEcrCannotRead_WarnsAndMakesNothing(string image)
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, new EcrSettings { CacheBaseImages = true });
        using var repositories = registry.Repositories;

        Assert.Null(await registry.FindCachedAsync(image, isDry: false, Token));
        Assert.Equal(["KUBEAPP3204"], Told());
        Assert.Empty(account.Ledger.Ever);
    }

    [Fact]
    public async Task FindCached_WithAPrefixThatIsTaken_Warns()
    {
        using var account = await aws.NewAccountAsync();
        using var ecr = new RawAws(ServiceModel.Of("ecr"), account);
        await ecr.AskAsync("CreatePullThroughCacheRule", """{"ecrRepositoryPrefix":"ecr-public","upstreamRegistryUrl":"quay.io"}""");
        var registry = await OpenAsync(account, new EcrSettings { CacheBaseImages = true });
        using var repositories = registry.Repositories;

        Assert.Null(await registry.FindCachedAsync(Base, isDry: false, Token));
        Assert.Equal(["KUBEAPP3204"], Told());
    }

    [Fact]
    public async Task FindCached_WithoutSettings_AsksNothing()
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, new EcrSettings());
        using var repositories = registry.Repositories;

        Assert.Null(await registry.FindCachedAsync(Base, isDry: false, Token));
        Assert.DoesNotContain(account.Requests, request => request.Operation == "DescribePullThroughCacheRules");
    }

    [Fact]
    public async Task Settings_ForTheRegistryOfAnotherAccount_AreLeftToIt()
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, new EcrSettings { CacheBaseImages = true, PullAccounts = { "111111111111" } }, "999999999999.dkr.ecr.eu-central-1.amazonaws.com");
        using var repositories = registry.Repositories!;

        Assert.Null(await registry.FindCachedAsync(Base, isDry: false, Token));
        Assert.Null(await registry.FindCachedAsync(Base, isDry: false, Token));
        Assert.Equal(["KUBEAPP3205"], Told());
    }

    private async Task EnsureAsync(StandInAccount account, EcrSettings settings)
    {
        var registry = await OpenAsync(account, settings);
        using var repositories = registry.Repositories!;
        await repositories.EnsureAsync("team/shop/web", Token);
    }

    private async Task<ImageRegistry> OpenAsync(StandInAccount account, EcrSettings settings, string place = "ecr/team") =>
        (await EcrRegistry.OpenAsync(place, account.Settings, "shop", settings, _log, TimeProvider.System, Token))!;

    private static async Task<string> PolicyAsync(StandInAccount account)
    {
        using var ecr = new RawAws(ServiceModel.Of("ecr"), account);
        return (string)(await ecr.AskAsync("GetRepositoryPolicy", """{"repositoryName":"team/shop/web"}"""))["policyText"]!;
    }

    private IEnumerable<string> Told() => _log.Events.OfType<DeployEvent.DiagnosticRaised>().Select(raised => raised.Diagnostic.Code);
}
