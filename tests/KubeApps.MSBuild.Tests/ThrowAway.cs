using System.Globalization;

namespace KubeApps.MSBuild.Tests;

/// <summary>A folder with throw-away projects that use the packed packages.</summary>
public sealed class ThrowAway
{
    public const string WebProgram = """
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/", () => Facts.Greeting);
        app.Run();

        public static class Facts
        {
            public const int Port = 8080;
            public static string Greeting => "hello";
        }
        """;

    public const string Spec = """
        using KubeApps;

        public sealed class Web : KubeApp
        {
            public override void Define(KubeAppModel app)
            {
                Console.WriteLine($"evaluated for {app.Environment.Name}: {Facts.Greeting}");
                var web = app.Add(new Deployment("web"));
                web.Containers.Add(new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", Facts.Port) } });
            }
        }
        """;

    private readonly PackageFeed _feed;

    internal ThrowAway(string root, PackageFeed feed)
    {
        Root = root;
        _feed = feed;
        Write("Directory.Build.props", $"""
            <Project>
              <PropertyGroup>
                <RestoreAdditionalProjectSources>{feed.Feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{feed.Packages}</RestorePackagesPath>
                <RestoreAdditionalProjectFallbackFolders>{GlobalPackages()}</RestoreAdditionalProjectFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
    }

    public string Root { get; }

    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    public ThrowAway Write(string path, string content)
    {
        var file = PathOf(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return this;
    }

    /// <summary>A project of one of the SDKs, with our package unless told otherwise.</summary>
    public ThrowAway WriteProject(
        string path, string sdk = "Microsoft.NET.Sdk.Web", string properties = "", string items = "", bool withPackage = true, string framework = "<TargetFramework>net10.0</TargetFramework>")
    {
        var package = withPackage ? $"""<PackageReference Include="KubeApps.MSBuild" Version="{_feed.Version}" />""" : "";
        return Write(path, $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                {framework}
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {package}
                {items}
              </ItemGroup>
            </Project>
            """);
    }

    /// <summary>A web project in a folder of its name, with the usual program and specification.</summary>
    public ThrowAway WriteWeb(string name = "web", string? spec = Spec, string properties = "", string items = "", bool withPackage = true)
    {
        WriteProject($"{name}/{name}.csproj", properties: properties, items: items, withPackage: withPackage);
        Write($"{name}/Program.cs", WebProgram);
        if (spec is not null)
            Write($"{name}/KubeApp.cs", spec);
        return this;
    }

    internal Task<BuildResult> PublishAsync(string project, params string[] arguments) => DotnetAsync(["publish", project, .. arguments]);

    internal Task<BuildResult> PublishAsync(string project, IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        PackageFeed.RunDotnetAsync(
            Root, ["publish", project, .. arguments, "-nodeReuse:false", "-tl:off"], TestContext.Current.CancellationToken, environment);

    internal Task<BuildResult> DotnetAsync(params string[] arguments) =>
        PackageFeed.RunDotnetAsync(Root, [.. arguments, "-nodeReuse:false", "-tl:off"], TestContext.Current.CancellationToken);

    /// <summary>Every file below a folder: relative path, and when it was written.</summary>
    public IReadOnlyDictionary<string, DateTime> Snapshot(params string[] parts)
    {
        var folder = PathOf(parts);
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .ToDictionary(file => Path.GetRelativePath(folder, file), File.GetLastWriteTimeUtc);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Root}");

    private static string GlobalPackages() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
