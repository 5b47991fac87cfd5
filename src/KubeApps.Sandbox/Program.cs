using KubeApps.Sandbox.Edge;
using KubeApps.Sandbox.Hosting;

if (SandboxOptions.Parse(args, Environment.GetEnvironmentVariable) is not { } options)
{
    Console.Error.WriteLine(SandboxOptions.Usage);
    return 64;
}

SandboxHome home;
try
{
    home = SandboxHome.At(options.Home, options.IsEdge);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"The sandbox cannot use the folder {options.Home}: {e.Message}");
    return 1;
}

if (options.Background)
    Terminal.Leave(Path.Combine(home.Logs, "output.log"));
try
{
    if (options.IsEdge)
        await new EdgeHost(options, home, TimeProvider.System).RunAsync(endpoint => Say($"Ready: edge proxy, its API {endpoint.ApiServer}"), CancellationToken.None);
    else
        await new SandboxHost(options, home, TimeProvider.System).RunAsync(
            endpoint => Say($"Ready: API {endpoint.ApiServer}, registry {endpoint.Registry}, kubeconfig {endpoint.Kubeconfig}"), CancellationToken.None);
    return 0;
}
catch (Exception e)
{
    var failure = e as SandboxException ?? new SandboxException("failed", $"The sandbox failed: {e.Message}", e);
    try
    {
        // In the background the output is a file too.
        FailureFile.Write(home, failure);
        Console.Error.WriteLine(failure.Message);
        if (failure.InnerException is { } cause)
            Console.Error.WriteLine(cause);
        return 1;
    }
    catch (Exception unsaid) when (unsaid is IOException or UnauthorizedAccessException)
    {
        return FailureFile.CannotBeWritten;
    }
}

void Say(string text)
{
    if (!options.Background)
        Console.Error.WriteLine(text);
}
