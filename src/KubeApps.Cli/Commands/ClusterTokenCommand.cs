using System.CommandLine;
using System.Text.RegularExpressions;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters.Eks;

namespace KubeApps.Cli.Commands;

/// <summary><c>cluster token</c>: what kubectl calls to enter a cluster of EKS. A kubeconfig of <c>cluster kubeconfig</c> says so.</summary>
internal static partial class ClusterTokenCommand
{
    public static Command Create(Terminal terminal)
    {
        var cluster = new Argument<string>("cluster") { Description = "The cluster's name in EKS." };
        var account = new Option<string?>("--account") { Description = "The account that the credentials must be of: 12 digits. Default: whichever they are of.", HelpName = "ID" };
        var region = new Option<string?>("--region") { Description = "The cluster's region. Default: AWS_REGION, else the profile's.", HelpName = "NAME" };
        var profile = new Option<string?>("--profile") { Description = "The profile of AWS's own files. Default: AWS_PROFILE.", HelpName = "NAME" };
        CommonOptions.Check(account, value => value is null || Account().IsMatch(value) ? null : $"'{value}' is no account: it has 12 digits.");
        var command = new Command(
            "token",
            """
            Print a token for a cluster of EKS, good for 14 minutes, as kubectl takes it from a plugin. It is a password: print it nowhere else.

            Examples:
              dotnet kubeapp cluster token storefront-prod-1 --region eu-central-1
              dotnet kubeapp cluster token storefront-prod-1 --region eu-central-1 | jq -r .status.token
            """)
        {
            cluster, account, region, profile,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new AwsSettings { Account = parsed.GetValue(account), Region = parsed.GetValue(region), Profile = parsed.GetValue(profile) };
            // A token of another account's credentials would be refused by the cluster without a word of why.
            using var access = await AwsAccess.OpenAsync(settings, cancellationToken);
            var token = await EksToken.SignAsync(access.Credentials, access.Identity.Region, parsed.GetValue(cluster)!, terminal.Clock.GetUtcNow());
            Json.Write(terminal.Out, EksCredential.Of(token), "json");
            return ExitCodes.Done;
        });
        return command;
    }

    [GeneratedRegex(@"\A[0-9]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Account();
}
