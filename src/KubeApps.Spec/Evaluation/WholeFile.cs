using System.Text;

namespace KubeApps;

/// <summary>Files that are there whole or not at all: whoever is killed or runs out of disk must not leave half of one that looks up to date.</summary>
internal static class WholeFile
{
    public static void Write(string file, string text)
    {
        var temporary = Stage(file, Encoding.UTF8.GetBytes(text));
        File.Move(temporary, file, overwrite: true);
    }

    /// <summary>Writes the content beside the file and returns where, for a <see cref="File.Move(string, string, bool)"/> that cannot run out of disk.</summary>
    public static string Stage(string file, ReadOnlySpan<byte> content)
    {
        var temporary = $"{file}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            return temporary;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
