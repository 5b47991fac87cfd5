using KubeApps.Aws.StandIn;
using KubeApps.GitHub.StandIn;

[assembly: AssemblyFixture(typeof(AwsStandIn))]
[assembly: AssemblyFixture(typeof(GitHubStandIn))]
