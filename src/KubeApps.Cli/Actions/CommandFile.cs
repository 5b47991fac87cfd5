using System.Security.Cryptography;
using System.Text;

namespace KubeApps.Cli.Actions;

/// <summary>The files by which a step tells a runner of GitHub Actions what came of it. Steps append to them.</summary>
/// <remarks>https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files</remarks>
internal static class CommandFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Values by their names, each between lines that nobody can foresee: whatever stands in a value, it is a value.</summary>
    public static string Of(IEnumerable<(string Name, string Value)> values)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in values)
        {
            var delimiter = $"kubeapp_{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
            text.Append(name).Append("<<").Append(delimiter).Append('\n').Append(value).Append('\n').Append(delimiter).Append('\n');
        }

        return text.ToString();
    }

    /// <param name="file">The file; made where it is not there yet.</param>
    /// <param name="text">What to append to so many bytes.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Append(string file, Func<long, string> text)
    {
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        var endsLine = true;
        if (stream.Length > 0)
        {
            stream.Seek(-1, SeekOrigin.End);
            endsLine = stream.ReadByte() == '\n';
        }

        // What another step left open would swallow our first line.
        var added = text(stream.Length);
        stream.Write(Utf8.GetBytes(endsLine || added.Length == 0 ? added : "\n" + added));
    }
}
