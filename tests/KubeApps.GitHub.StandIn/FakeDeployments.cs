using System.Text.Json.Nodes;

namespace KubeApps.GitHub.StandIn;

/// <summary>https://docs.github.com/rest/deployments: what GitHub makes of a request, and what else it does then.</summary>
internal static class FakeDeployments
{
    // Not in the description: seen in what others report of such refusals.
    private const int MostStatuses = 100;

    public static FakeAnswer List(FakeRequest request) => FakeAnswer.Page(
        request,
        request.Repository.Deployments.Where(item => request.Fits("environment", item.Environment) && request.Fits("sha", item.Sha) && request.Fits("ref", item.Ref) && request.Fits("task", item.Task)),
        item => Write(request, item));

    private static bool Fits(this FakeRequest request, string name, string value) => request.Query.GetValueOrDefault(name) is not { } wanted || wanted == "none" || wanted == value;

    public static FakeAnswer Get(FakeRequest request) => Find(request) is { } found ? new FakeAnswer(200, Write(request, found)) : FakeAnswer.Refused(404, "Not Found");

    public static FakeAnswer Delete(FakeRequest request)
    {
        if (Find(request) is not { } found)
            return FakeAnswer.Refused(404, "Not Found");
        if (found.State is "success" or null && request.Repository.Deployments.Count > 1)
            return FakeAnswer.Refused(422, "We cannot delete an active deployment unless it is the only deployment in a given environment.");
        request.Repository.Remove(found);
        return new FakeAnswer(204, null);
    }

    public static FakeAnswer Create(FakeRequest request)
    {
        var repository = request.Repository;
        var reference = request.Text("ref")!;
        if (repository.Commits.Find(reference) is not { } commit)
            return FakeAnswer.Refused(422, $"No ref found for: {reference}");
        var main = repository.Commits.Branches["main"];
        // A branch that is behind gets the default branch merged first, unless told otherwise; then there is no deployment.
        if (request.Flag("auto_merge") != false && repository.Commits.Branches.ContainsKey(reference) && !repository.Commits.Contained(commit).Contains(main))
        {
            repository.Commits.Branches[reference] = repository.Commits.Add($"Merge main into {reference}", commit.Sha, main).Sha;
            return new FakeAnswer(202, new JsonObject { ["message"] = $"Auto-merged main into {reference} on deployment." });
        }

        var required = request.Body["required_contexts"]?.AsArray().Select(item => (string)item!) ?? repository.FailedContexts;
        if (required.Where(repository.FailedContexts.Contains).ToList() is { Count: > 0 } failed)
        {
            return FakeAnswer.Refused(
                409, $"Conflict: Commit status checks failed for {reference}.",
                [.. failed.Select(context => new JsonObject { ["contexts"] = new JsonArray(new JsonObject { ["context"] = context, ["state"] = "failure" }), ["resource"] = "Deployment", ["field"] = "required_contexts", ["code"] = "invalid" })]);
        }

        var environment = request.Text("environment") ?? "production";
        if (environment.Length > 255)
            return Invalid("environment", "is too long (maximum is 255 characters)");
        return new FakeAnswer(201, Write(request, repository.Add(new StandInDeployment(commit.Sha, environment)
        {
            Ref = reference,
            Task = request.Text("task") ?? "deploy",
            Description = request.Text("description"),
            // What was sent comes back.
            Payload = request.Body.TryGetPropertyValue("payload", out var payload) ? payload?.DeepClone() : new JsonObject(),
            IsTransient = request.Flag("transient_environment") ?? false,
            IsProduction = request.Flag("production_environment") ?? environment == "production",
            Creator = repository.Login,
            CreatedAt = DateTimeOffset.UtcNow,
        })));
    }

    public static FakeAnswer ListStatuses(FakeRequest request) => Find(request) is { } found
        ? FakeAnswer.Page(request, found.Statuses.AsEnumerable().Reverse(), status => Write(request, found, status))
        : FakeAnswer.Refused(404, "Not Found");

    public static FakeAnswer CreateStatus(FakeRequest request)
    {
        if (Find(request) is not { } deployment)
            return FakeAnswer.Refused(404, "Not Found");
        var description = request.Text("description") ?? "";
        if (description.Length > 140)
            return Invalid("description", "is too long (maximum is 140 characters)");
        foreach (var field in (string[])["environment_url", "log_url", "target_url"])
        {
            if (request.Text(field) is { Length: > 0 } address && !(Uri.TryCreate(address, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"))
                return Invalid(field, $"must use http(s) scheme");
        }

        if (deployment.Statuses.Count >= MostStatuses)
            return Invalid("", "This deployment has reached the maximum number of statuses.");
        var status = new StandInStatus(request.Text("state")!)
        {
            Description = description,
            Environment = request.Text("environment"),
            EnvironmentUrl = request.Text("environment_url") ?? "",
            LogUrl = request.Text("log_url") ?? request.Text("target_url") ?? "",
            Creator = request.Repository.Login,
        };
        deployment.Statuses.Add(status);
        if (status.State == "success" && request.Flag("auto_inactive") != false)
            RetireOthers(request.Repository, deployment, status);
        return new FakeAnswer(201, Write(request, deployment, status));
    }

    private static void RetireOthers(StandInRepository repository, StandInDeployment deployment, StandInStatus status)
    {
        foreach (var other in repository.Deployments)
        {
            if (other.Id < deployment.Id && other.Environment == (status.Environment ?? deployment.Environment) && other is { IsTransient: false, IsProduction: false, State: "success" })
                other.Statuses.Add(new StandInStatus("inactive") { Creator = repository.Login });
        }
    }

    private static FakeAnswer Invalid(string field, string reason) => FakeAnswer.Refused(
        422, "Validation Failed", new JsonObject { ["resource"] = "DeploymentStatus", ["field"] = field, ["code"] = "custom", ["message"] = $"{field} {reason}" });

    private static StandInDeployment? Find(FakeRequest request) => request.Repository.Deployments.FirstOrDefault(item => item.Id == request.Number(1));

    private static JsonObject Write(FakeRequest request, StandInDeployment item) => new()
    {
        ["url"] = $"{request.Address}/deployments/{item.Id}",
        ["id"] = item.Id,
        ["node_id"] = $"DE_{item.Id}",
        ["task"] = item.Task,
        ["original_environment"] = item.Environment,
        ["environment"] = item.Environment,
        ["description"] = item.Description,
        ["created_at"] = FakeAnswer.Time(item.CreatedAt),
        ["updated_at"] = FakeAnswer.Time(item.Statuses.LastOrDefault()?.CreatedAt ?? item.CreatedAt),
        ["statuses_url"] = $"{request.Address}/deployments/{item.Id}/statuses",
        ["repository_url"] = request.Address,
        ["creator"] = FakeAnswer.User(request, item.Creator),
        ["sha"] = item.Sha,
        ["ref"] = item.Ref,
        ["payload"] = item.Payload?.DeepClone(),
        ["transient_environment"] = item.IsTransient,
        ["production_environment"] = item.IsProduction,
        ["performed_via_github_app"] = null,
    };

    private static JsonObject Write(FakeRequest request, StandInDeployment deployment, StandInStatus item) => new()
    {
        ["url"] = $"{request.Address}/deployments/{deployment.Id}/statuses/{item.Id}",
        ["id"] = item.Id,
        ["node_id"] = $"DES_{item.Id}",
        ["state"] = item.State,
        ["creator"] = FakeAnswer.User(request, item.Creator),
        ["description"] = item.Description,
        ["environment"] = item.Environment ?? deployment.Environment,
        // The old name of the same.
        ["target_url"] = item.LogUrl,
        ["log_url"] = item.LogUrl,
        ["environment_url"] = item.EnvironmentUrl,
        ["created_at"] = FakeAnswer.Time(item.CreatedAt),
        ["updated_at"] = FakeAnswer.Time(item.CreatedAt),
        ["deployment_url"] = $"{request.Address}/deployments/{deployment.Id}",
        ["repository_url"] = request.Address,
        ["performed_via_github_app"] = null,
    };
}
