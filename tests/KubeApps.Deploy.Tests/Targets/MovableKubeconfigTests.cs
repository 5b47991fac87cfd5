using KubeApps.Deploy.Targets;

namespace KubeApps.Deploy.Tests.Targets;

public sealed class MovableKubeconfigTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeapps-kubeconfig-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Document_OfAContext_LeadsThereAloneFromAnyFolder()
    {
        var file = Write("config", """
            apiVersion: v1
            kind: Config
            clusters: [{ name: c, cluster: { server: "https://c", certificate-authority: ca.pem } }, { name: other, cluster: { server: "https://other" } }]
            users: [{ name: u, user: { exec: { apiVersion: v1, command: ./login, args: [x] } } }, { name: secret, user: { token: t } }]
            contexts: [{ name: prod, context: { cluster: c, user: u } }, { name: test, context: { cluster: other, user: secret } }]
            current-context: test
            """);

        var text = Kubeconfig.Read([file]).Document("prod").ToJsonString();

        var moved = Kubeconfig.Read([Write("elsewhere", text)]);
        Assert.Equal(["prod"], moved.Contexts);
        var (cluster, user) = moved.Find("prod");
        Assert.Equal(Path.Combine(_folder.FullName, "ca.pem"), cluster.Text("certificate-authority"));
        Assert.Equal(Path.Combine(_folder.FullName, "login"), user!.Content["exec"]!["command"]!.ToString());
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
