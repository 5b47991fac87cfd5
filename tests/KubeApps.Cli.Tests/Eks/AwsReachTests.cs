using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;

namespace KubeApps.Cli.Tests.Eks;

/// <summary>
/// How AWS is reached, as the environment of the tool's process says it. Where that is one of AWS's own addresses, a proxy hears which, and lets nobody through.
/// </summary>
/// <seealso href="https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"/>
public sealed class AwsReachTests(AwsStandIn aws, ToolProcess tool) : IClassFixture<ToolProcess>, IDisposable
{
    private readonly TcpListener _proxy = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _asked = [];

    public void Dispose() => _proxy.Dispose();

    [Theory]
    [InlineData("eu-central-1", "eks.eu-central-1.amazonaws.com")]
    [InlineData("cn-north-1", "eks.cn-north-1.amazonaws.com.cn")]
    public async Task Eks_WithAnAddressOfStsAlone_IsAskedAtTheOneOfAws(string region, string host)
    {
        using var account = await aws.NewAccountAsync();
        var variables = Proxied(account);
        variables["AWS_ENDPOINT_URL_STS"] = variables["AWS_ENDPOINT_URL"];
        variables["AWS_ENDPOINT_URL"] = null;

        var (exit, _, error) = await tool.RunAsync(variables, "cluster", "list", "--bundle", BundleIn(account, region), "-e", "prod");

        Assert.Equal(1, exit);
        Assert.Contains("KUBEAPP8105", error, StringComparison.Ordinal);
        Assert.Equal([$"{host}:443"], _asked.Distinct());
    }

    [Theory]
    [InlineData(false, false, "sts.us-east-1.amazonaws.com")]
    [InlineData(true, false, "sts-fips.us-east-1.amazonaws.com")]
    [InlineData(false, true, "sts.us-east-1.api.aws")]
    public async Task Sts_WithFipsAndDualStack_IsAskedAtThatAddressOfAws(bool usesFips, bool usesDualStack, string host)
    {
        using var account = await aws.NewAccountAsync();
        var variables = Proxied(account);
        variables["AWS_ENDPOINT_URL"] = null;
        variables["AWS_USE_FIPS_ENDPOINT"] = usesFips ? "true" : null;
        variables["AWS_USE_DUALSTACK_ENDPOINT"] = usesDualStack ? "true" : null;

        var (exit, _, error) = await tool.RunAsync(variables, "cluster", "token", "shop", "--region", "us-east-1");

        Assert.Equal(1, exit);
        Assert.Contains("KUBEAPP8105", error, StringComparison.Ordinal);
        Assert.Equal([$"{host}:443"], _asked.Distinct());
    }

    [Fact]
    public async Task Eks_WithAnAddressOfItsOwn_IsAskedThereBeforeTheOneOfAllServices()
    {
        using var account = await aws.NewAccountAsync();
        var variables = Variables(account);
        (variables["AWS_ENDPOINT_URL_EKS"], variables["AWS_ENDPOINT_URL_STS"]) = (variables["AWS_ENDPOINT_URL"], variables["AWS_ENDPOINT_URL"]);
        // Nobody is there.
        variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9";

        var (exit, _, error) = await tool.RunAsync(variables, "cluster", "list", "--bundle", BundleIn(account, account.Region), "-e", "prod");

        Assert.True(exit == 0, error);
        Assert.Contains(account.Requests, request => request.Action == "eks:ListClusters");
    }

    [Theory]
    [InlineData("eu-north-1", "eu-west-3", "eu-north-1")]
    [InlineData(null, "eu-west-3", "eu-west-3")]
    public async Task Region_OfTheVariableAndOfTheProfile_IsTheOneThatIsEntered(string? variable, string profile, string region)
    {
        using var account = await aws.NewAccountAsync();
        var variables = Variables(account);
        var config = Path.Combine(tool.Home, "aws-config");
        await File.WriteAllTextAsync(config, $"[profile work]\nregion = {profile}\n", TestContext.Current.CancellationToken);
        (variables["AWS_REGION"], variables["AWS_PROFILE"], variables["AWS_CONFIG_FILE"]) = (variable, "work", config);

        var (exit, output, error) = await tool.RunAsync(variables, "cluster", "token", "shop");

        Assert.True(exit == 0, error);
        var token = (string)JsonNode.Parse(output)!["status"]!["token"]!;
        Assert.StartsWith($"https://sts.{region}.amazonaws.com", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.AsSpan("k8s-aws-v1.".Length))), StringComparison.Ordinal);
        Assert.Equal([region], account.Requests.Select(request => request.Region).Distinct());
    }

    private static Dictionary<string, string?> Variables(StandInAccount account) => account.Variables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value);

    private string BundleIn(StandInAccount account, string region)
    {
        account.Region = region;
        return EksTool.WriteBundle(tool.Home, account, $"reach-{account.Id}");
    }

    private Dictionary<string, string?> Proxied(StandInAccount account)
    {
        _proxy.Start();
        _ = RefuseAllAsync();
        var variables = Variables(account);
        variables["HTTPS_PROXY"] = $"http://{_proxy.LocalEndpoint}";
        variables["NO_PROXY"] = "127.0.0.1,localhost";
        variables["AWS_MAX_ATTEMPTS"] = "1";
        return variables;
    }

    private async Task RefuseAllAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _proxy.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                if ((await reader.ReadLineAsync(TestContext.Current.CancellationToken))?.Split(' ') is ["CONNECT", var host, _])
                    _asked.Enqueue(host);
                await client.GetStream().WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
            // The test is over.
        }
    }
}
