using System.Globalization;
using KubeApps.Bench;

// Each group stands for itself: name some to run only those.
Dictionary<string, Func<Task<IEnumerable<Figure>>>> groups = new()
{
    ["start"] = SandboxFigures.StartAsync,
    ["api"] = SandboxFigures.ApiAsync,
    ["pods"] = SandboxFigures.PodsAsync,
    ["apply"] = ApplyFigures.ApplyAsync,
    ["switch"] = SwitchFigures.SwitchAsync,
    ["cause"] = CauseFigures.CauseAsync,
    ["publish"] = DeployFigures.PublishAsync,
    ["overhead"] = OverheadFigures.OverheadAsync,
    ["render"] = RenderFigures.RenderAsync,
    ["history"] = HistoryFigures.HistoryAsync,
    ["fleet"] = FleetFigures.FleetAsync,
};
var chosen = args.Length == 0 ? [.. groups.Keys] : args;
if (chosen.FirstOrDefault(name => !groups.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no group '{unknown}'. There are: {string.Join(", ", groups.Keys)}.");
    return 64;
}

Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
Console.WriteLine();
Console.WriteLine("| figure | measured | target | reached |");
Console.WriteLine("|---|---|---|---|");
var missed = 0;
foreach (var name in chosen)
{
    foreach (var figure in await groups[name]())
    {
        Console.WriteLine(figure);
        missed += figure.Reached == false ? 1 : 0;
    }
}

return missed == 0 ? 0 : 1;
