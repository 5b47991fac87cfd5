using System.CommandLine;
using KubeApps.Deploy;

namespace KubeApps.Cli.Commands;

/// <summary><c>completion</c>: scripts that ask the tool itself what comes next (the [suggest] directive).</summary>
internal static class CompletionCommand
{
    // Each completes 'dotnet-kubeapp' and, after it, 'dotnet kubeapp'; other uses of dotnet are left to the SDK's own completion.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # source <(dotnet kubeapp completion bash)
            _kubeapp_suggest() {
              local line="${COMP_LINE#dotnet kubeapp}"; line="dotnet-kubeapp${line#dotnet-kubeapp}"
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(dotnet-kubeapp "[suggest:${#line}]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            _kubeapp_dotnet() {
              if [ "${COMP_WORDS[1]}" = kubeapp ]; then _kubeapp_suggest; return; fi
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(dotnet complete --position "$COMP_POINT" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -F _kubeapp_suggest dotnet-kubeapp
            complete -F _kubeapp_dotnet dotnet

            """,
        ["zsh"] = """
            # source <(dotnet kubeapp completion zsh)
            _kubeapp_suggest() {
              local line="${BUFFER#dotnet kubeapp}"; line="dotnet-kubeapp${line#dotnet-kubeapp}"
              local -a items; items=("${(@f)$(dotnet-kubeapp "[suggest:${#line}]" "$line" 2>/dev/null)}")
              compadd -a items
            }
            _kubeapp_dotnet() {
              if [[ "${words[2]}" = kubeapp ]]; then _kubeapp_suggest; return; fi
              local -a items; items=("${(@f)$(dotnet complete --position "$CURSOR" "$BUFFER" 2>/dev/null)}")
              compadd -a items
            }
            compdef _kubeapp_suggest dotnet-kubeapp
            compdef _kubeapp_dotnet dotnet

            """,
        ["pwsh"] = """
            # dotnet kubeapp completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName dotnet, dotnet-kubeapp -ScriptBlock {
              param($word, $ast, $position)
              $text = "$ast"
              if ($text -match '^dotnet(-| )kubeapp') {
                $line = $text -replace '^dotnet kubeapp', 'dotnet-kubeapp'
                if ($position -gt $text.Length) { $line += ' ' }
                $items = dotnet-kubeapp "[suggest:$($line.Length)]" $line
              } else {
                $items = dotnet complete --position $position $text
              }
              $items | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }

            """,
        ["fish"] = """
            # dotnet kubeapp completion fish | source
            function __kubeapp_suggest
              set -l line (commandline -cp | string replace -r '^dotnet kubeapp' 'dotnet-kubeapp')
              dotnet-kubeapp "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -f -c dotnet-kubeapp -a '(__kubeapp_suggest)'
            complete -f -c dotnet -n '__fish_seen_subcommand_from kubeapp' -a '(__kubeapp_suggest)'

            """,
    };

    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, pwsh or fish." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command(
            "completion",
            """
            Print a script that completes commands and options in your shell. Needs the tool as 'dotnet-kubeapp' in PATH (dotnet tool install -g).

            Examples:
              source <(dotnet kubeapp completion bash)
              dotnet kubeapp completion pwsh | Out-String | Invoke-Expression
            """)
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            // Scripts have Unix line ends everywhere: shells on Windows take them, too.
            terminal.Out.Write(Scripts[parsed.GetValue(shell)!].ReplaceLineEndings("\n"));
            return ExitCodes.Done;
        });
        return command;
    }
}
