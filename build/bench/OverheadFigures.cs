namespace KubeApps.Bench;

/// <summary>What publishing with us costs over the same publish without us, in pairs, one after the other.</summary>
internal static class OverheadFigures
{
    private const int Pairs = 11;

    public static async Task<IEnumerable<Figure>> OverheadAsync()
    {
        // The tools that the samples' build makes are there; here nothing of them is built.
        await Programs.RunAsync("dotnet", ["build", Path.Combine(Programs.Root, "samples", "HelloWeb"), "-c", "Release", "-nologo", "-v", "q"]);
        var folder = Directory.CreateTempSubdirectory("kubeapps-bench-overhead-").FullName;
        try
        {
            // The specification names this project's image too.
            Copy("Storefront.Worker", Path.Combine(folder, "Storefront.Worker"), _ => true);
            var with = Project(folder, "with", withUs: true);
            var without = Project(folder, "without", withUs: false);
            foreach (var project in (string[])[with, without])
                await PublishAsync(project);

            var (cold, coldAlone) = await PairAsync(with, without, Clean);
            var (again, againAlone) = await PairAsync(with, without, _ => { });
            if (!File.Exists(Path.Combine(with, "bin", "Release", "net10.0", "kubeapp", "bundle.json")))
                throw new InvalidOperationException("No bundle was rendered.");
            return
            [
                Figure.AtMost($"dotnet publish with rendering, clean: more than without us ({coldAlone:0.00} s; medians of {Pairs} pairs)", cold - coldAlone, 0.6, "s"),
                Figure.AtMost($"… when nothing changed ({againAlone:0.00} s)", again - againAlone, 0.2, "s"),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The Storefront, copied; one of the two has its specification and our targets.</summary>
    private static string Project(string root, string name, bool withUs)
    {
        var folder = Path.Combine(root, name);
        Copy("Storefront", folder, file => withUs || file != "KubeApp.cs");
        foreach (var extension in (string[])["props", "targets"])
        {
            var import = withUs ? $"""<Import Project="{Path.Combine(Programs.Root, "samples", $"Directory.Build.{extension}")}" />""" : "";
            File.WriteAllText(Path.Combine(folder, $"Directory.Build.{extension}"), $"<Project>{import}</Project>");
        }

        return folder;
    }

    private static void Copy(string sample, string folder, Func<string, bool> isWanted)
    {
        var source = Path.Combine(Programs.Root, "samples", sample);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(source, file)))
        {
            if (file.Split(Path.DirectorySeparatorChar)[0] is "bin" or "obj" || !isWanted(file))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
        }
    }

    private static async Task<(double With, double Without)> PairAsync(string with, string without, Action<string> prepare)
    {
        List<double> ours = [], theirs = [];
        for (var i = 0; i < Pairs; i++)
        {
            prepare(without);
            theirs.Add(await Programs.SecondsAsync(() => PublishAsync(without)));
            prepare(with);
            ours.Add(await Programs.SecondsAsync(() => PublishAsync(with)));
        }

        return (Figure.Median(ours), Figure.Median(theirs));
    }

    private static Task<string> PublishAsync(string folder) =>
        Programs.RunAsync("dotnet", ["publish", folder, "-nologo", "-v", "q", "-p:BuildKubeAppsTools=false"]);

    private static void Clean(string folder)
    {
        Directory.Delete(Path.Combine(folder, "bin"), recursive: true);
        Directory.Delete(Path.Combine(folder, "obj"), recursive: true);
    }
}
