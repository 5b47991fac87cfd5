using System.Diagnostics;

namespace KubeApps.Cli.Tests;

/// <summary>The completion scripts in the shells that they are for.</summary>
public class CompletionTests
{
    [Theory]
    [InlineData("dotnet kubeapp sta", "status")]
    [InlineData("dotnet kubeapp sandbox st", "start stop status")]
    [InlineData("dotnet-kubeapp deploy --dry", "--dry-run")]
    [InlineData("dotnet kubeapp status -o ", "text wide json yaml")]
    public async Task Completion_InBash_OffersWhatFits(string line, string expected)
    {
        // As readline calls it: the words, the index of the last one, the line and the position in it.
        var offered = await RunAsync(
            "bash",
            $$"""
            source <(dotnet-kubeapp completion bash)
            COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}
            read -r -a COMP_WORDS <<< "$COMP_LINE"; [[ "$COMP_LINE" == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            $(complete -p "${COMP_WORDS[0]}" | sed 's/.*-F \([^ ]*\).*/\1/')
            printf '%s\n' "${COMPREPLY[@]}"
            """);

        Assert.Equal(expected.Split(' ').Order(), offered.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Theory]
    [InlineData("dotnet kubeapp sta", "status")]
    [InlineData("dotnet-kubeapp deploy --dry", "--dry-run")]
    public async Task Completion_InFish_OffersWhatFits(string line, string expected)
    {
        var offered = await RunAsync("fish", $"dotnet-kubeapp completion fish | source; complete -C '{line}'");

        Assert.Contains(expected, offered.Split('\n').Select(item => item.Split('\t')[0]));
    }

    [Theory]
    [InlineData("dotnet kubeapp sta", "status")]
    [InlineData("dotnet-kubeapp deploy --dry", "--dry-run")]
    public async Task Completion_InZsh_OffersWhatFits(string line, string expected)
    {
        // compadd tells what it was given, and compdef is what the script registers with: neither exists outside of the line editor.
        var offered = await RunAsync(
            "zsh",
            $$"""
            typeset -A completers
            compdef() { completers[$2]=$1; }
            compadd() { local -a all=("${(@P)2}"); print -l -- "${(M)all[@]:#${words[-1]}*}"; }
            source <(dotnet-kubeapp completion zsh)
            BUFFER='{{line}}'; CURSOR=${#BUFFER}; words=("${(@s: :)BUFFER}")
            ${completers[$words[1]]}
            """);

        Assert.Equal(expected, offered.Trim());
    }

    private static async Task<string> RunAsync(string shell, string script)
    {
        var folder = Path.GetDirectoryName(ToolProcess.File);
        var start = new ProcessStartInfo(shell, ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"There is no {shell} here.");
            throw;
        }

        using (process)
        {
            var (exit, output, error) = await ToolProcess.EndAsync(process);
            Assert.True(exit == 0 && error.Length == 0, $"{shell} ended with {exit}: {error}");
            return output;
        }
    }
}
