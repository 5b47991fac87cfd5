using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Aws.StandIn.Wire;

namespace KubeApps.Aws.StandIn.Fakes.Ecr;

/// <summary>Amazon ECR: what is around a registry. The registry itself, where images go, is <see cref="StandInAccount.Registry"/>.</summary>
internal sealed partial class FakeEcr : Fake
{
    // Whether a login is needed.
    private static readonly Dictionary<string, bool> Upstreams = new()
    {
        ["public.ecr.aws"] = false,
        ["registry.k8s.io"] = false,
        ["quay.io"] = false,
        ["registry-1.docker.io"] = true,
        ["ghcr.io"] = true,
        ["registry.gitlab.com"] = true,
    };

    private JsonObject _replication = new() { ["rules"] = new JsonArray() };

    public FakeEcr(StandInAccount account, string region)
        : base(account, region)
    {
        On("GetAuthorizationToken", _ => new JsonObject
        {
            ["authorizationData"] = new JsonArray(new JsonObject
            {
                ["authorizationToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"AWS:{Account.Registry.Password}")),
                ["expiresAt"] = Scalars.Time(Account.Now.AddHours(12)),
                ["proxyEndpoint"] = $"https://{Account.Registry.Host ?? $"{Account.Id}.dkr.ecr.{Region}.amazonaws.com"}",
            }),
        });
        On("DescribeRegistry", _ => new JsonObject { ["registryId"] = Account.Id, ["replicationConfiguration"] = _replication.DeepClone() });
        On("PutReplicationConfiguration", input =>
        {
            _replication = (JsonObject)input["replicationConfiguration"]!.DeepClone();
            return new JsonObject { ["replicationConfiguration"] = _replication.DeepClone() };
        });
        On("DescribeImageReplicationStatus", Replicate);
        On("CreatePullThroughCacheRule", CreateRule);
        On("DescribePullThroughCacheRules", input => Page(Ledger.Of("ecr:pull-through-cache-rule", Region).Select(rule => (JsonObject)rule.Content.DeepClone()), input, "pullThroughCacheRules"));
        OnPolicies();
        On("CreateRepository", Create);
        On("DescribeRepositories", Describe);
        On("DeleteRepository", input =>
        {
            var repository = Repository(input);
            Ledger.Remove(repository);
            return new JsonObject { ["repository"] = Shown(repository) };
        });
        On("ListTagsForResource", input =>
        {
            var repository = Find(((string)input["resourceArn"]!).Split(":repository/")[1], []);
            return new JsonObject { ["tags"] = repository.Content["tags"]!.DeepClone() };
        });
        On("PutLifecyclePolicy", input =>
        {
            var repository = Repository(input);
            if (JsonNode.Parse((string)input["lifecyclePolicyText"]!)?["rules"] is not JsonArray { Count: > 0 })
                throw new Refusal("InvalidParameterException", "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'");
            repository.Hidden["policy"] = (string)input["lifecyclePolicyText"]!;
            return Policy(repository);
        });
        On("GetLifecyclePolicy", input => Repository(input) is var repository && repository.Hidden.ContainsKey("policy")
            ? Policy(repository)
            : throw new Refusal("LifecyclePolicyNotFoundException", $"Lifecycle policy does not exist for the repository with name '{repository.Key}' in the registry with id '{Account.Id}'"));
    }

    // A policy has the repository's own words: it is not read here.
    private void OnPolicies()
    {
        On("SetRepositoryPolicy", input =>
        {
            var repository = Repository(input);
            if (JsonNode.Parse((string)input["policyText"]!)?["Statement"] is not JsonArray { Count: > 0 })
                throw new Refusal("InvalidParameterException", "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'");
            repository.Hidden["access"] = (string)input["policyText"]!;
            return Access(repository);
        });
        On("GetRepositoryPolicy", input => Access(Repository(input)));
        On("DeleteRepositoryPolicy", input =>
        {
            var repository = Repository(input);
            var shown = Access(repository);
            repository.Hidden.Remove("access");
            return shown;
        });
    }

    private JsonObject Access(Resource repository) => repository.Hidden["access"] is { } policy
        ? new JsonObject { ["registryId"] = Account.Id, ["repositoryName"] = repository.Key, ["policyText"] = (string)policy! }
        : throw new Refusal("RepositoryPolicyNotFoundException", $"Repository policy does not exist for the repository with name '{repository.Key}' in the registry with id '{Account.Id}'");

    private JsonObject CreateRule(JsonObject input)
    {
        var (prefix, url) = ((string)input["ecrRepositoryPrefix"]!, (string)input["upstreamRegistryUrl"]!);
        if (!Upstreams.TryGetValue(url, out var needsLogin) && !url.EndsWith(".azurecr.io", StringComparison.Ordinal))
            throw new Refusal("UnsupportedUpstreamRegistryException", $"The upstream registry '{url}' is not supported.");
        if (needsLogin && input["credentialArn"] is null)
            throw new Refusal("InvalidParameterException", "Invalid parameter at 'credentialArn' failed to satisfy constraint: 'must not be null for this upstream registry'");
        if (Ledger.Find("ecr:pull-through-cache-rule", Region, prefix) is not null)
            throw new Refusal("PullThroughCacheRuleAlreadyExistsException", $"A pull through cache rule with prefix '{prefix}' already exists in the registry with id '{Account.Id}'");
        var rule = Ledger.Add("ecr:pull-through-cache-rule", Region, prefix, new JsonObject
        {
            ["ecrRepositoryPrefix"] = prefix,
            ["upstreamRegistryUrl"] = url,
            ["createdAt"] = Now,
            ["registryId"] = Account.Id,
            ["upstreamRegistry"] = (string?)input["upstreamRegistry"],
            ["credentialArn"] = (string?)input["credentialArn"],
        });
        foreach (var absent in rule.Content.Where(member => member.Value is null).Select(member => member.Key).ToList())
            rule.Content.Remove(absent);
        return (JsonObject)rule.Content.DeepClone();
    }

    private static JsonObject Shown(Resource repository)
    {
        var shown = (JsonObject)repository.Content.DeepClone();
        // Told by ListTagsForResource alone.
        shown.Remove("tags");
        return shown;
    }

    private JsonObject Create(JsonObject input)
    {
        var name = (string)input["repositoryName"]!;
        if (input["registryId"] is { } other && (string)other! != Account.Id)
            throw new Refusal("AccessDeniedException", "A repository is made by its own account alone.");
        if (!RepositoryName().IsMatch(name))
            throw new Refusal("InvalidParameterException", $"Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression'");
        if (Ledger.Find("ecr:repository", Region, name) is not null)
            throw new Refusal("RepositoryAlreadyExistsException", $"The repository with name '{name}' already exists in the registry with id '{Account.Id}'");
        var repository = Ledger.Add("ecr:repository", Region, name, new JsonObject
        {
            ["repositoryArn"] = $"arn:aws:ecr:{Region}:{Account.Id}:repository/{name}",
            ["registryId"] = Account.Id,
            ["repositoryName"] = name,
            ["repositoryUri"] = $"{Account.Registry.Host ?? $"{Account.Id}.dkr.ecr.{Region}.amazonaws.com"}/{name}",
            ["createdAt"] = Now,
            ["imageTagMutability"] = (string?)input["imageTagMutability"] ?? "MUTABLE",
            ["imageScanningConfiguration"] = input["imageScanningConfiguration"]?.DeepClone() ?? new JsonObject { ["scanOnPush"] = false },
            ["encryptionConfiguration"] = input["encryptionConfiguration"]?.DeepClone() ?? new JsonObject { ["encryptionType"] = "AES256" },
            ["tags"] = input["tags"]?.DeepClone() ?? new JsonArray(),
        });
        return new JsonObject { ["repository"] = Shown(repository) };
    }

    private JsonObject Describe(JsonObject input)
    {
        var all = Ledger.Of("ecr:repository", Region);
        if (input["repositoryNames"] is not JsonArray names)
            return Page(all.Select(Shown), input, "repositories");
        return new JsonObject { ["repositories"] = new JsonArray([.. names.Select(name => Shown(Find((string)name!, input)))]) };
    }

    // Each image is on its way from when it is first asked for.
    private JsonObject Replicate(JsonObject input)
    {
        var (repository, digest) = (Repository(input), (string)input["imageId"]!["imageDigest"]!);
        if (!repository.Hidden.ContainsKey(digest))
        {
            repository.Hidden[digest] = "IN_PROGRESS";
            Account.After(Account.Delays.Network, () => repository.Hidden[digest] = "COMPLETE");
        }

        var destinations = _replication["rules"]!.AsArray().SelectMany(rule => rule!["destinations"]!.AsArray());
        return new JsonObject
        {
            ["repositoryName"] = repository.Key,
            ["imageId"] = input["imageId"]!.DeepClone(),
            ["replicationStatuses"] = new JsonArray([.. destinations.Select(place => Status((string)place!["region"]!, (string)place["registryId"]!))]),
        };

        JsonObject Status(string region, string registry)
        {
            var status = new JsonObject { ["region"] = region, ["registryId"] = registry, ["status"] = (string)repository.Hidden[digest]! };
            if (Account.FailingReplicas.Contains(region))
                (status["status"], status["failureCode"]) = ("FAILED", "AccessDeniedException");
            return status;
        }
    }

    private JsonObject Policy(Resource repository) => new()
    {
        ["registryId"] = Account.Id,
        ["repositoryName"] = repository.Key,
        ["lifecyclePolicyText"] = (string)repository.Hidden["policy"]!,
    };

    private Resource Repository(JsonObject input) => Find((string)input["repositoryName"]!, input);

    private Resource Find(string name, JsonObject input) =>
        (((string?)input["registryId"] ?? Account.Id) == Account.Id ? Ledger.Find("ecr:repository", Region, name) : null)
        ?? throw new Refusal("RepositoryNotFoundException", $"The repository with name '{name}' does not exist in the registry with id '{(string?)input["registryId"] ?? Account.Id}'");

    [GeneratedRegex(@"\A(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryName();
}
