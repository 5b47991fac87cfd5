using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Actions.Tests.Executing;

namespace KubeApps.Actions.Tests;

/// <summary>What gives a job its credentials: files that only it reads, values that no log shows, and nothing on a command line.</summary>
public sealed class ConnectActionTests : IDisposable
{
    // As clusters and clouds make them, and as somebody may quote them.
    private const string Kubeconfig = """
        apiVersion: v1
        kind: Config
        contexts:
        - name: prod-eu
          context: {cluster: prod, user: ci}
        users:
        - name: ci
          user:
            token: 'eyJ$(touch token)`touch token`"x'
            client-key-data: LS0tLS1CRUdJTi==
            password: "pass word"
        """;

    private readonly Runner _runner = new();

    public void Dispose() => _runner.Dispose();

    [Fact]
    public async Task Connect_WithAKubeconfig_KeepsItForTheJobAloneAndChoosesNoContext()
    {
        var run = await RunAsync(("kubeconfig", Kubeconfig));

        Assert.Equal(("success", ""), (run.Outcome, run.Outputs["context"]));
        var file = run.Outputs["kubeconfig"];
        Assert.Equal(Kubeconfig + "\n", File.ReadAllText(file));
        if (!OperatingSystem.IsWindows())
            Assert.Equal((UnixFileMode.UserRead | UnixFileMode.UserWrite, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute), (File.GetUnixFileMode(file), File.GetUnixFileMode(Folder)));
        Assert.Equal(["::add-mask::***", "::add-mask::***", "::add-mask::***"], run["cluster"].Log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(Directory.EnumerateFiles(_runner.Workspace));
    }

    [Fact]
    public async Task Connect_WithAContext_HandsItOn() =>
        Assert.Equal("prod-us", (await RunAsync(("kubeconfig", Kubeconfig), ("context", "prod-us"))).Outputs["context"]);

    [Fact]
    public async Task Connect_WithAnEksCluster_AsksWithTheRoleOfTheJob()
    {
        _runner.Foreign["aws-actions/configure-aws-credentials"] = [];
        var aws = new FakeTool(_runner, "aws");

        var run = await RunAsync(
            ("eks-cluster", "shop; touch x"), ("aws-region", "eu-west-1"), ("aws-role", "arn:aws:iam::123456789012:role/shop"), ("aws-role-duration", "7200"), ("kubeconfig", Kubeconfig));

        var role = Assert.Single(run.Steps, step => step.Replaced is not null).Given!;
        Assert.Equal(("eu-west-1", "arn:aws:iam::123456789012:role/shop", "7200"), (role["aws-region"], role["role-to-assume"], role["role-duration-seconds"]));
        Assert.Equal(["eks", "update-kubeconfig", "--name=shop; touch x", "--region=eu-west-1", "--alias=shop; touch x", $"--kubeconfig={run.Outputs["kubeconfig"]}"], Assert.Single(aws.Calls));
        Assert.Equal("shop; touch x", run.Outputs["context"]);
    }

    [Fact]
    public async Task Connect_WithoutACluster_SaysThatASecretMayBeEmpty()
    {
        var run = await RunAsync(("kubeconfig", ""));

        Assert.Equal("failure", run.Outcome);
        Assert.Contains("::error title=dotnet kubeapp::There is no cluster", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithAPassword_WritesTheLoginWhereTheSdkAndTheToolLook()
    {
        var run = await RunAsync(("cluster", "false"), ("registry", "ghcr.io"), ("registry-username", "kim"), ("registry-password", "p%a\"s's$(x):`y`"));

        Assert.Equal(("success", Folder), (run.Outcome, run.Env["DOCKER_CONFIG"]));
        var login = (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "config.json")))!["auths"]!["ghcr.io"]!["auth"];
        Assert.Equal("kim:p%a\"s's$(x):`y`", Encoding.UTF8.GetString(Convert.FromBase64String(login!)));
        Assert.DoesNotContain(login!, run.Log, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Folder, "kubeconfig")));
    }

    [Fact]
    public async Task Connect_WhereTheRunnerIsLoggedInElsewhere_KeepsThat()
    {
        var own = Directory.CreateDirectory(Path.Combine(_runner.Temp, "docker")).FullName;
        File.WriteAllText(Path.Combine(own, "config.json"), """
            {"auths":{"docker.io":{"auth":"b3duOm93bg=="}},"credsStore":"desktop","credHelpers":{"ghcr.io":"old","gcr.io":"gcloud"},"currentContext":"remote"}
            """);
        _runner.Env["DOCKER_CONFIG"] = own;

        var run = await RunAsync(("cluster", "false"), ("registry", "ghcr.io"), ("registry-username", "kim"), ("registry-password", "secret"));

        Assert.True(run.Outcome == "success", run.Log);
        Assert.Equal(
            """{"auths":{"docker.io":{"auth":"b3duOm93bg=="},"ghcr.io":{"auth":"a2ltOnNlY3JldA=="}},"credHelpers":{"gcr.io":"gcloud"}}""",
            JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "config.json")))!.ToJsonString());
    }

    [Fact]
    public async Task Connect_ToAmazonEcr_GetsThePasswordOfTheRegionThatTheHostNames()
    {
        var aws = new FakeTool(_runner, "aws");
        aws.Does("echo secret-of-ecr");

        var run = await RunAsync(("cluster", "false"), ("registry", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"));

        Assert.Equal(["ecr", "get-login-password", "--region", "eu-central-1"], Assert.Single(aws.Calls));
        Assert.DoesNotContain("secret-of-ecr", run.Log, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String("AWS:secret-of-ecr"u8), File.ReadAllText(Path.Combine(Folder, "config.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://ghcr.io")]
    [InlineData("ghcr.io\"}}")]
    [InlineData("ghcr.io\nDOCKER_CONFIG=/x")]
    public async Task Connect_WithWhatIsNoHost_Refuses(string registry)
    {
        var run = await RunAsync(("cluster", "false"), ("registry", registry), ("registry-password", "secret"));

        Assert.Equal("failure", run.Outcome);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Connect_WithVariables_SetsEachForTheStepsThatFollow()
    {
        var run = await RunAsync(("cluster", "false"), ("variables", "DB_PASSWORD=a=b$(x)`y` \"z\"\r\n\nEMPTY=\nRATE=100%\nTELLS=yes"));

        Assert.Equal(("a=b$(x)`y` \"z\"", "", "100%"), (run.Env["DB_PASSWORD"], run.Env["EMPTY"], run.Env["RATE"]));
        Assert.DoesNotContain("a=b", run.Log, StringComparison.Ordinal);
        // What is shorter than four letters stands everywhere, and GitHub hands on no output of a job in which a secret stands.
        Assert.Equal(2, run.Log.Split("::add-mask::").Length - 1);
    }

    [Theory]
    [InlineData("GOOD=1\nsecret words")]
    [InlineData("GOOD=1\nIN VALID=secret")]
    [InlineData("GOOD=1\n=secret")]
    [InlineData("GOOD=1\n9X=secret")]
    public async Task Connect_WithALineThatIsNoVariable_NamesItsNumberAndNotWhatItSays(string variables)
    {
        var run = await RunAsync(("cluster", "false"), ("variables", variables));

        Assert.Equal("failure", run.Outcome);
        Assert.Contains("Line 2 of the variables", run.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Log, StringComparison.Ordinal);
    }

    private string Folder => Path.Combine(_runner.Temp, "kubeapp-credentials");

    private Task<ActionRun> RunAsync(params (string Name, string Value)[] inputs) => _runner.RunAsync("actions/connect", inputs.ToDictionary(input => input.Name, input => input.Value));
}
