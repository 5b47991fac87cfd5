using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace KubeApps.Sandbox.Hosting;

/// <summary>
/// The sandbox's log: one JSON object a line, in a file that is replaced when it has grown. Messages name what was done to what; tokens,
/// headers and contents of Secrets are not passed to it.
/// </summary>
internal sealed class FileLog : ILoggerProvider
{
    private const long LargestFile = 5 * 1024 * 1024;
    private const int OldFiles = 3;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly LogLevel _level;
    private FileStream? _file;

    public FileLog(string folder, TimeProvider clock, LogLevel level = LogLevel.Information)
    {
        _path = Path.Combine(folder, "sandbox.log");
        _clock = clock;
        _level = level;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        lock (_gate)
            _file?.Dispose();
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        using var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", _clock.GetUtcNow().UtcDateTime);
            json.WriteString("level", level switch
            {
                LogLevel.Critical => "critical",
                LogLevel.Error => "error",
                LogLevel.Warning => "warning",
                _ => "info",
            });
            json.WriteString("source", category[(category.LastIndexOf('.') + 1)..]);
            json.WriteString("message", message);
            if (exception is not null)
                json.WriteString("exception", exception.ToString());
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        lock (_gate)
        {
            try
            {
                _file ??= Open();
                if (_file.Length > LargestFile)
                    Rotate();
                _file.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            }
            catch (IOException)
            {
                // A full disk must not take the sandbox down with its log.
            }
        }
    }

    private FileStream Open()
    {
        var options = AtomicFile.PrivateFile(FileMode.Append);
        options.Share = FileShare.ReadWrite | FileShare.Delete;
        return new FileStream(_path, options);
    }

    private void Rotate()
    {
        _file!.Dispose();
        _file = null;
        for (var i = OldFiles; i > 0; i--)
        {
            var from = i == 1 ? _path : $"{_path}.{i - 1}";
            if (File.Exists(from))
                File.Move(from, $"{_path}.{i}", overwrite: true);
        }

        _file = Open();
    }

    private sealed class Logger(FileLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= log._level && (logLevel >= LogLevel.Warning || category.StartsWith("KubeApps.", StringComparison.Ordinal));

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Write(logLevel, category, formatter(state, exception), exception);
        }
    }
}
