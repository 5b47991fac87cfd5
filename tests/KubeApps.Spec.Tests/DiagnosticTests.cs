using KubeApps.Diagnostics;

namespace KubeApps.Spec.Tests;

public class DiagnosticTests
{
    [Fact]
    public void ToString_WithPlace_ReadsLikeACompilerMessage()
    {
        var descriptor = new DiagnosticDescriptor("KUBEAPP1999", "Title", "Do this.");

        var text = descriptor.Because("The port 0 is not a port.", new SourceLocation("KubeApp.cs", 12, 5)).ToString();

        Assert.Equal("KubeApp.cs(12,5): error KUBEAPP1999: The port 0 is not a port. Do this.", text);
    }
}
