namespace KubeApps.Actions.Tests.Executing;

/// <summary>A program in the tool's place: it keeps what it was called with, byte for byte, and does what the test wants.</summary>
internal sealed class FakeTool
{
    private readonly string _folder;

    public FakeTool(Runner runner, string name = "dotnet-kubeapp")
    {
        _folder = Path.Combine(runner.Temp, $"fake-{name}");
        Directory.CreateDirectory(_folder);
        WriteProgram(
            Path.Combine(_folder, name),
            """
            #!/usr/bin/env bash
            folder=$(dirname "${BASH_SOURCE[0]}")
            calls=("$folder"/call-*.args)
            [ -e "${calls[0]}" ] || calls=()
            call="$folder/call-$(printf %03d ${#calls[@]})"
            printf '%s\0' "$@" > "$call.args"
            env -0 > "$call.env"
            echo $$ > "$call.pid"
            [ ! -e "$folder/does" ] || source "$folder/does"
            """);
        runner.Env["PATH"] = $"{_folder}:{runner.Env["PATH"]}";
    }

    public static void WriteProgram(string file, string script)
    {
        File.WriteAllText(file, script);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What it does when called, as bash.</summary>
    public void Does(string script) => File.WriteAllText(Path.Combine(_folder, "does"), script);

    /// <summary>The arguments of each call.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Calls => [.. Files("args").Select(file => Parts(file))];

    /// <summary>The environment of each call.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Environments =>
        [.. Files("env").Select(file => Parts(file).Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]))];

    private IEnumerable<string> Files(string kind) => Directory.EnumerateFiles(_folder, $"call-*.{kind}").Order(StringComparer.Ordinal);

    private static string[] Parts(string file) => File.ReadAllText(file) is { Length: > 0 } text ? text[..^1].Split('\0') : [];
}
