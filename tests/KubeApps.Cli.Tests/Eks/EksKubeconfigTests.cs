using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Cli.Tests.Eks;

/// <summary>
/// A cluster of EKS is entered by kubectl with a kubeconfig of ours, which has our tool asked for tokens: both are processes of their own, and the API server
/// holds each token against what EKS takes. Behind it is the sandbox's API.
/// </summary>
public sealed class EksKubeconfigTests(AwsStandIn aws, ToolProcess tool) : IClassFixture<ToolProcess>
{
    private const string Name = "entered-prod-1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kubeconfig_OfACluster_LetsKubectlInWithTokensOfOurTool()
    {
        using var account = await aws.NewAccountAsync();
        await using var server = await ServeAsync(account);
        var file = Path.Combine(tool.Home, "eks.yaml");

        var (exit, output, error) = await tool.RunAsync(
            Variables(account), "cluster", "kubeconfig", Name, "-e", "prod", "--bundle", EksTool.WriteBundle(tool.Home, account, "entered"), "--file", file);

        Assert.True((exit, output) == (0, $"{file}\n"), error);
        var content = await File.ReadAllTextAsync(file, Token);
        Assert.DoesNotContain("k8s-aws-v1.", content, StringComparison.Ordinal);
        Assert.DoesNotContain(account.User.SecretKey, content, StringComparison.Ordinal);
        var (listed, said) = await KubectlAsync(account, "--kubeconfig", file, "get", "namespaces", "-o", "name");
        Assert.True(listed == 0, said);
        Assert.Contains("namespace/kube-system\n", said, StringComparison.Ordinal);
        Assert.Equal([account.User.Arn], server.Callers.Distinct());
    }

    [Fact]
    public async Task Token_OfTheCommand_IsTakenByItsClusterAndByNoOther()
    {
        using var account = await aws.NewAccountAsync();
        await using var server = await ServeAsync(account);

        Assert.Equal(200, await AskAsync(server, await TokenAsync(account, Name)));
        Assert.Equal([account.User.Arn], server.Callers);
        Assert.Equal(401, await AskAsync(server, await TokenAsync(account, "another")));
        Assert.Contains("the signature does not match", Assert.Single(account.TakeViolations()), StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Variables(StandInAccount account) => account.Variables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value);

    private async Task<EksServer> ServeAsync(StandInAccount account)
    {
        account.Delays = Delays.None;
        await tool.RunAsync("sandbox", "start");
        var sandbox = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "kubeconfig", "--raw", "-o", "json")).Out)!["content"]!;
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(Part("certificate-authority-data"))));
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.AddRange(authorities);
        var behind = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust } })
        {
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Part("token")) },
        };
        var server = await EksServer.StartAsync(account, Name, behind, Part("server"));
        account.Endpoints = _ => server.Endpoint;
        await account.NewClusterAsync(Name, new ClusterOwner("entered", "prod"));
        return server;

        string Part(string key) => Regex.Match(sandbox, $"""{key}: "?(?<value>[^"\s]+)""").Groups["value"].Value;
    }

    private async Task<string> TokenAsync(StandInAccount account, string cluster)
    {
        var (exit, output, error) = await tool.RunAsync(Variables(account), "cluster", "token", cluster, "--account", account.Id, "--region", account.Region);
        Assert.True(exit == 0, error);
        var credential = JsonNode.Parse(output)!;
        Assert.Equal("ExecCredential", (string?)credential["kind"]);
        return (string)credential["status"]!["token"]!;
    }

    private static async Task<int> AskAsync(EksServer server, string token)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPem(server.Endpoint.CertificateAuthority);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust } });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.GetAsync(new Uri(server.Endpoint.Url, "/api/v1/namespaces"), Token);
        return (int)answer.StatusCode;
    }

    // The kubeconfig has "dotnet kubeapp" called, which finds the tool where tools are: on the PATH.
    private async Task<(int Exit, string Said)> KubectlAsync(StandInAccount account, params string[] arguments)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipUnless(path.Any(part => File.Exists(Path.Combine(part, "kubectl"))), "kubectl is not installed.");
        var tools = Directory.CreateDirectory(Path.Combine(tool.Home, "tools")).FullName;
        File.CreateSymbolicLink(Path.Combine(tools, "dotnet-kubeapp"), tool.Tool);
        var start = new ProcessStartInfo("kubectl", [.. arguments, "--cache-dir", Path.Combine(tool.Home, "kubectl")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Variables(account))
            start.Environment[name] = value;
        start.Environment["PATH"] = string.Join(Path.PathSeparator, [tools, .. path]);
        using var process = Process.Start(start)!;
        var (exit, output, error) = await ToolProcess.EndAsync(process);
        return (exit, output + error);
    }
}
