using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

/// <summary>What the SDK's own build of an image says becomes one line.</summary>
public sealed class SdkFailureTests
{
    [Theory]
    [InlineData("a.targets(1,2): error CONTAINER1013: Failed to push. [/p/a.csproj]", "CONTAINER1013: Failed to push.")]
    [InlineData("a.targets(1,2): error MSB4018: The \"X\" task failed unexpectedly. [/p/a.csproj]\na.targets(1,2): error MSB4018: System.Net.Http.HttpRequestException: No route. [/p/a.csproj]\na.targets(1,2): error MSB4018:    at X.Y() [/p/a.csproj]", "No route.")]
    [InlineData("a.targets(1,2): error MSB4018: The \"X\" task failed unexpectedly. [/p/a.csproj]\nSystem.NotImplementedException: What is this? [/p/a.csproj]\n   at X.Y()", "What is this?")]
    [InlineData("a.targets(1,2): error MSB4018: The \"X\" task failed unexpectedly. [/p/a.csproj]", "The \"X\" task failed unexpectedly.")]
    [InlineData("killed\n\n", "killed")]
    [InlineData("", "it said nothing")]
    public void CauseIn_OutputOfAFailedBuild_IsItsReasonWithoutAStackTrace(string output, string cause) =>
        Assert.Equal(cause, SdkImages.CauseIn(output.Split('\n'), "/p/a.csproj"));
}
