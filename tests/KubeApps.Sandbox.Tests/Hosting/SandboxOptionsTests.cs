using KubeApps.Sandbox.Hosting;

namespace KubeApps.Sandbox.Tests.Hosting;

public class SandboxOptionsTests
{
    [Fact]
    public void Parse_HomeAlone_TakesTheUsualPorts()
    {
        var options = SandboxOptions.Parse(["run", "--home", "/h"], _ => null);

        Assert.Equal(new SandboxOptions("/h", 7443, 7450), options);
    }

    [Fact]
    public void Parse_CommandLine_WinsOverTheEnvironment()
    {
        var options = SandboxOptions.Parse(
            ["run", "--home", "/h", "--api-port", "1", "--background", "--build", "b"],
            name => name == SandboxOptions.RegistryPortVariable ? "2" : "9");

        Assert.Equal(new SandboxOptions("/h", 1, 2, Background: true, Build: "b"), options);
    }

    [Theory]
    [InlineData("")]
    [InlineData("start --home /h")]
    [InlineData("run")]
    [InlineData("run --home")]
    [InlineData("run --home /h --api-port 65536")]
    [InlineData("run --home /h --api-port -1")]
    [InlineData("run --home /h --registry-port x")]
    [InlineData("run --home /h --unknown 1")]
    public void Parse_AnythingElse_IsNotUnderstood(string arguments) =>
        Assert.Null(SandboxOptions.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), _ => null));
}
