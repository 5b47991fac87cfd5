using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

// What a pod of the tests runs. The first argument is what to do.
switch (args.FirstOrDefault())
{
    case "exit":
        if (args.Length > 2)
            Console.Error.WriteLine(args[2]);
        return int.Parse(args[1], null);

    case "throw":
        throw new InvalidOperationException(args[1]);

    case "print":
        foreach (var name in args[1..])
            Console.WriteLine($"{name}={Environment.GetEnvironmentVariable(name)}");
        return 0;

    case "cat":
        foreach (var file in args[1..])
            Console.WriteLine(File.ReadAllText(file));
        return 0;

    case "count":
        for (var n = 1; n <= int.Parse(args[1], null); n++)
            Console.WriteLine($"line {n}");
        return 0;

    case "append":
        File.AppendAllText(args[1], args[2] + "\n");
        return 0;

    case "sleep":
        Console.WriteLine("sleeping");
        Thread.Sleep(Timeout.Infinite);
        return 0;

    case "get":
        // What a check does: asks the app at the address that it was given.
        using (var http = new HttpClient())
            Console.WriteLine(await http.GetStringAsync(new Uri(new Uri(Environment.GetEnvironmentVariable("KUBEAPP_URL")!), args[1])));
        return 0;

    case "stubborn":
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true))
        {
            Console.WriteLine("not listening");
            Thread.Sleep(Timeout.Infinite);
        }

        return 0;

    case "children":
        using (var child = Process.Start(Environment.ProcessPath!, ["sleep"])!)
            Console.WriteLine($"child {child.Id}");
        Thread.Sleep(Timeout.Infinite);
        return 0;

    default:
        await ServeAsync(args);
        return 0;
}

static async Task ServeAsync(string[] args)
{
    var builder = WebApplication.CreateSlimBuilder(args);
    builder.Logging.SetMinimumLevel(LogLevel.Warning);
    var app = builder.Build();
    var healthy = !args.Contains("sick");
    app.MapGet("/healthz", () => healthy ? Results.Ok() : Results.StatusCode(500));
    app.MapGet("/sicken", () => { healthy = false; });
    app.MapGet("/heal", () => { healthy = true; });
    app.MapGet("/die", () =>
    {
        if (args.Contains("mortal"))
            Environment.Exit(3);
    });
    app.MapGet("/stopping", () => { Console.WriteLine("told to stop"); });
    app.MapGet("/slow", async () => { await Task.Delay(500); return "slow"; });
    app.MapGet("/endless", async (HttpContext context) =>
    {
        while (!context.RequestAborted.IsCancellationRequested)
            await context.Response.WriteAsync(new string('x', 64 * 1024));
    });
    app.MapGet("/drip", async (HttpContext context) =>
    {
        for (; !context.RequestAborted.IsCancellationRequested; await Task.Delay(100))
        {
            await context.Response.WriteAsync("drop\n");
            await context.Response.Body.FlushAsync();
        }
    });
    app.MapGet("/hang", (HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }));
    app.MapGet("/loop", () => Results.Redirect("/loop"));
    app.MapGet("/headers", (HttpContext context) => context.Response.Headers["X-Large"] = new string('x', 128 * 1024));
    app.MapGet("/escape", () => Results.Text("\u001b[2J\u001b[31mred\u0007", statusCode: 500));
    app.MapGet("/", () => $"hello from {Environment.GetEnvironmentVariable("HOSTNAME")}");
    app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("listening on " + string.Join(' ', app.Urls)));
    app.Lifetime.ApplicationStopping.Register(() => Console.WriteLine("stopping"));
    app.Lifetime.ApplicationStopped.Register(() => Console.WriteLine("stopped"));
    await app.RunAsync();
}
