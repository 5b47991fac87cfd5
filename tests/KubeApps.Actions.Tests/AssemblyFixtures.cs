using KubeApps.GitHub.StandIn;

[assembly: AssemblyFixture(typeof(GitHubStandIn))]
