using KubeApps.Cli;

using var interrupts = new Interrupts(Console.Error);
return await CommandLine.RunAsync(args, Terminal.FromProcess(), interrupts.Token);
