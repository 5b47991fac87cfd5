using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Tests.Aws.StandIn;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Deploy.Tests.GitHub;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Aws.Ecr;

/// <summary>A registry of ECR is entered anew in each run; repositories are made before they are pushed to.</summary>
public sealed class EcrRegistryTests(AwsStandIn aws)
{
    private readonly EventLog _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_TheAccountsOwn_GoesWhereEcrSaysWithATokenThatIsASecret()
    {
        using var account = await aws.NewAccountAsync();

        var registry = await OpenAsync(account, "ecr/team");
        using var repositories = registry.Repositories;

        Assert.Equal(($"{account.Id}.dkr.ecr.eu-central-1.amazonaws.com", "team"), (registry.Host, registry.Prefix));
        Assert.Equal(("AWS", account.Registry.Password), (registry.Credentials!.User, registry.Credentials.Password));
        Assert.Contains(_log.Events.OfType<DeployEvent.SecretsLearned>(), learned => learned.Values.Contains(account.Registry.Password));
    }

    [Fact]
    public async Task Open_OneOfAnotherRegion_AsksThatRegion()
    {
        using var account = await aws.NewAccountAsync();

        var registry = await OpenAsync(account, $"{account.Id}.dkr.ecr.us-east-1.amazonaws.com/team");
        using var repositories = registry.Repositories;

        Assert.Equal("us-east-1", account.Requests.Single(request => request.Operation == "GetAuthorizationToken").Region);
        Assert.NotNull(registry.Credentials);
    }

    [Fact]
    public async Task Open_ARegistryOfSomebodyElse_AsksNoAws()
    {
        using var account = await aws.NewAccountAsync();

        Assert.Null(await EcrRegistry.OpenAsync("registry.example.com/team", account.Settings, "shop", null, _log, TimeProvider.System, Token));
        Assert.Empty(account.Requests);
    }

    [Fact]
    public async Task Ensure_ARepositoryThatIsMissing_MakesOneWhoseTagsStay()
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, "ecr");
        using var repositories = registry.Repositories!;

        await repositories.EnsureAsync("shop/web", Token);
        await repositories.EnsureAsync("shop/web", Token);

        var made = Assert.Single(account.Ledger.EverOf("ecr:repository"));
        Assert.Equal("IMMUTABLE", (string)made.Content["imageTagMutability"]!);
        Assert.True((bool)made.Content["imageScanningConfiguration"]!["scanOnPush"]!);
        Assert.Equal("AES256", (string)made.Content["encryptionConfiguration"]!["encryptionType"]!);
        Assert.Equal(("kubeapps", "shop"), (made.Tags["kubeapps.dev/managed-by"], made.Tags["kubeapps.dev/app"]));
        Assert.Single(account.Requests, request => request.Operation == "PutLifecyclePolicy");
    }

    [Fact]
    public async Task Ensure_WithAnotherRunThatIsFaster_TakesItsRepository()
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, "ecr");
        using var repositories = registry.Repositories!;
        account.Next("ecr:CreateRepository", Fault.RefusedAfter("RepositoryAlreadyExistsException", "The repository already exists.", 400));

        await repositories.EnsureAsync("shop/web", Token);

        Assert.Single(account.Ledger.EverOf("ecr:repository"));
    }

    [Fact]
    public async Task Ensure_ARepositoryWhoseMakingWasCut_GivesItTheRest()
    {
        using var account = await aws.NewAccountAsync();
        account.User.AllowedActions = ["ecr:GetAuthorizationToken", "ecr:DescribeRepositories", "ecr:CreateRepository", "ecr:TagResource"];
        var registry = await OpenAsync(account, "ecr");
        using var repositories = registry.Repositories!;
        await Assert.ThrowsAsync<DiagnosticException>(() => repositories.EnsureAsync("shop/web", Token));
        // Whoever may only push is not kept from it.
        await repositories.EnsureAsync("shop/web", Token);
        account.User.AllowedActions = ["*"];

        await repositories.EnsureAsync("shop/web", Token);
        await repositories.EnsureAsync("shop/web", Token);

        Assert.Single(account.Ledger.EverOf("ecr:repository"));
        Assert.Single(account.Requests, request => request is { Operation: "PutLifecyclePolicy", Refusal: null });
    }

    [Fact]
    public async Task Ensure_ARepositoryOfOthers_LeavesItsLifecycleToThem()
    {
        using var account = await aws.NewAccountAsync();
        using var ecr = new RawAws(ServiceModel.Of("ecr"), account);
        await ecr.AskAsync("CreateRepository", """{"repositoryName":"shop/web","imageTagMutability":"IMMUTABLE"}""");
        var registry = await OpenAsync(account, "ecr");
        using var repositories = registry.Repositories!;

        await repositories.EnsureAsync("shop/web", Token);

        Assert.DoesNotContain(account.Requests, request => request.Operation == "PutLifecyclePolicy");
    }

    [Fact]
    public async Task Ensure_ARepositoryWhoseTagsCanMove_Warns()
    {
        using var account = await aws.NewAccountAsync();
        using var ecr = new RawAws(ServiceModel.Of("ecr"), account);
        await ecr.AskAsync("CreateRepository", """{"repositoryName":"shop/web"}""");
        var registry = await OpenAsync(account, "ecr");
        using var repositories = registry.Repositories!;

        await repositories.EnsureAsync("shop/web", Token);

        Assert.Equal(["KUBEAPP3201"], Told());
    }

    [Fact]
    public async Task Ensure_InAnotherAccount_MakesNothing()
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, "999999999999.dkr.ecr.eu-central-1.amazonaws.com");
        using var repositories = registry.Repositories!;

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => repositories.EnsureAsync("shop/web", Token));

        Assert.Equal("KUBEAPP3200", failure.Diagnostics[0].Code);
        Assert.DoesNotContain(account.Requests, request => request.Operation == "CreateRepository");
    }

    [Fact]
    public async Task Ensure_WithoutTheRight_NamesTheAction()
    {
        using var account = await aws.NewAccountAsync();
        account.User.AllowedActions = ["ecr:GetAuthorizationToken", "ecr:DescribeRepositories"];
        var registry = await OpenAsync(account, "ecr");
        using var repositories = registry.Repositories!;

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => repositories.EnsureAsync("shop/web", Token));

        Assert.Equal("KUBEAPP8103", failure.Diagnostics[0].Code);
        Assert.Contains("ecr:CreateRepository", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Await_WithRulesThatReplicate_LastsUntilTheImageIsEverywhere()
    {
        var clock = new HurriedClock();
        using var account = await aws.NewAccountAsync(clock);
        await ReplicateAsync(account);
        var registry = await OpenAsync(account, "ecr", clock);
        using var repositories = registry.Repositories!;
        await repositories.EnsureAsync("shop/web", Token);

        await repositories.AwaitAsync("shop/web", Digest, Token);

        Assert.True(account.Requests.Count(request => request.Operation == "DescribeImageReplicationStatus") > 1);
        Assert.Empty(Told());
    }

    [Fact]
    public async Task Await_WithReplicationThatTakesForEver_Warns()
    {
        var clock = new HurriedClock();
        using var account = await aws.NewAccountAsync(clock);
        account.Delays = Delays.Real with { Network = TimeSpan.FromHours(1) };
        await ReplicateAsync(account);
        var registry = await OpenAsync(account, "ecr", clock);
        using var repositories = registry.Repositories!;
        await repositories.EnsureAsync("shop/web", Token);

        await repositories.AwaitAsync("shop/web", Digest, Token);

        Assert.Equal(["KUBEAPP3202"], Told());
    }

    [Fact]
    public async Task Await_WithReplicationThatFails_SaysAtOnceWhereAndWhy()
    {
        using var account = await aws.NewAccountAsync();
        account.FailingReplicas.Add("us-east-1");
        await ReplicateAsync(account);
        var registry = await OpenAsync(account, "ecr");
        using var repositories = registry.Repositories!;
        await repositories.EnsureAsync("shop/web", Token);

        await repositories.AwaitAsync("shop/web", Digest, Token);

        Assert.Single(account.Requests, request => request.Operation == "DescribeImageReplicationStatus");
        var told = _log.Events.OfType<DeployEvent.DiagnosticRaised>().Single().Diagnostic;
        Assert.Equal(("KUBEAPP3202", $"shop/web@{Digest} is not everywhere: {account.Id}/us-east-1 (AccessDeniedException)."), (told.Code, told.Cause));
    }

    [Fact]
    public async Task Await_WithoutRules_AsksOnceForAllImages()
    {
        using var account = await aws.NewAccountAsync();
        var registry = await OpenAsync(account, "ecr");
        using var repositories = registry.Repositories!;

        await repositories.AwaitAsync("shop/web", Digest, Token);
        await repositories.AwaitAsync("shop/worker", Digest, Token);

        Assert.Single(account.Requests, request => request.Operation == "DescribeRegistry");
        Assert.DoesNotContain(account.Requests, request => request.Operation == "DescribeImageReplicationStatus");
    }

    private static readonly string Digest = $"sha256:{new string('a', 64)}";

    private static async Task ReplicateAsync(StandInAccount account)
    {
        using var ecr = new RawAws(ServiceModel.Of("ecr"), account);
        await ecr.AskAsync("PutReplicationConfiguration", $$"""
            {"replicationConfiguration":{"rules":[{"destinations":[{"region":"us-east-1","registryId":"{{account.Id}}"}],"repositoryFilters":[{"filter":"shop/","filterType":"PREFIX_MATCH"}]}]} }
            """);
    }

    private async Task<ImageRegistry> OpenAsync(StandInAccount account, string place, TimeProvider? clock = null) =>
        (await EcrRegistry.OpenAsync(place, account.Settings, "shop", null, _log, clock ?? TimeProvider.System, Token))!;

    private IEnumerable<string> Told() => _log.Events.OfType<DeployEvent.DiagnosticRaised>().Select(raised => raised.Diagnostic.Code);
}
