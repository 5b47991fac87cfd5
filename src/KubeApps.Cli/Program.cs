using KubeApps.Cli;

return await CommandLine.RunAsync(args, Terminal.FromProcess());
