using System.Text;
using Spectre.Console;

namespace KubeApps.Cli.Tests;

/// <summary>A terminal whose text can be read while others write to it.</summary>
internal sealed class WatchedConsole : IDisposable
{
    private readonly Written _written = new();

    public WatchedConsole(int width)
    {
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(_written),
        });
        (Console.Profile.Width, Console.Profile.Height) = (width, 24);
    }

    public IAnsiConsole Console { get; }

    public string Output => _written.ToString();

    public void Dispose() => _written.Dispose();

    /// <summary>Waits for the frame that shows it, however slow the machine is.</summary>
    public async Task SeeAsync(string text)
    {
        while (!Output.Contains(text, StringComparison.Ordinal))
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private sealed class Written : TextWriter
    {
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_text)
                _text.Append(value);
        }

        public override void Write(string? value)
        {
            lock (_text)
                _text.Append(value);
        }

        public override string ToString()
        {
            lock (_text)
                return _text.ToString();
        }
    }
}
