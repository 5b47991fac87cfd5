namespace KubeApps.MSBuild.Tests;

/// <summary>Specifications for failures.</summary>
internal static class Failing
{
    /// <summary>The usual app, deployed to a cluster that pulls from a registry of the test's choice.</summary>
    public static string SpecWithRegistry(string host) => ThrowAway.Spec.Replace(
        "public override void Define",
        $$"""
        public override IReadOnlyList<DeployEnvironment> Environments => [new("local", Target.Context("elsewhere").WithRegistry("{{host}}"))];

            public override void Define
        """,
        StringComparison.Ordinal);

    /// <summary>A kubeconfig whose only context leads to a server that is not there.</summary>
    public const string Kubeconfig = """
        apiVersion: v1
        kind: Config
        clusters: [{name: elsewhere, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: nobody, user: {token: none}}]
        contexts: [{name: elsewhere, context: {cluster: elsewhere, user: nobody}}]
        """;
}
