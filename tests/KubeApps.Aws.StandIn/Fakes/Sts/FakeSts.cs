using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Wire;

namespace KubeApps.Aws.StandIn.Fakes.Sts;

/// <summary>AWS Security Token Service: who asks, and credentials for a time.</summary>
internal sealed class FakeSts : Fake
{
    public FakeSts(StandInAccount account, string region)
        : base(account, region)
    {
        On("GetCallerIdentity", (_, principal) => new JsonObject { ["UserId"] = principal!.UserId, ["Account"] = Account.Id, ["Arn"] = principal.Arn });
        On("GetSessionToken", (input, principal) => new JsonObject { ["Credentials"] = Credentials(NewSession(principal!.Arn, principal.UserId, principal.AllowedActions, input, 43200)) });
        On("AssumeRole", Assume);
        On("AssumeRoleWithWebIdentity", (input, _) =>
        {
            var answer = Assume(input, null);
            answer["Audience"] = "sts.amazonaws.com";
            return answer;
        });
    }

    private JsonObject Assume(JsonObject input, StandInPrincipal? principal)
    {
        var (role, session) = ((string)input["RoleArn"]!, (string)input["RoleSessionName"]!);
        if (role.Split(':', 6) is not ["arn", "aws", "iam", "", var owner, var name] || owner != Account.Id || !name.StartsWith("role/", StringComparison.Ordinal) || Account.Iam.Role(role) is not { } known)
            throw new Refusal("AccessDenied", $"User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role}", 403);
        var id = $"{known.Content["RoleId"]}:{session}";
        var made = NewSession($"arn:aws:sts::{Account.Id}:assumed-role/{name.Split('/')[^1]}/{session}", id, ["*"], input, 3600);
        return new JsonObject { ["Credentials"] = Credentials(made), ["AssumedRoleUser"] = new JsonObject { ["AssumedRoleId"] = id, ["Arn"] = made.Arn } };
    }

    private StandInPrincipal NewSession(string arn, string userId, IReadOnlyList<string> allowed, JsonObject input, int usual) => Account.Add(new StandInPrincipal(arn, userId, Account.NewId("ASIA"))
    {
        SessionToken = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(60)),
        ExpiresAt = Account.Now + TimeSpan.FromSeconds((int?)input["DurationSeconds"] ?? usual),
        AllowedActions = allowed,
    });

    private static JsonObject Credentials(StandInPrincipal session) => new()
    {
        ["AccessKeyId"] = session.AccessKey,
        ["SecretAccessKey"] = session.SecretKey,
        ["SessionToken"] = session.SessionToken,
        ["Expiration"] = Scalars.Time(session.ExpiresAt!.Value),
    };
}
