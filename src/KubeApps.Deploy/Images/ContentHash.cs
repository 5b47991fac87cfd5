using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KubeApps.Deploy.Images;

/// <summary>
/// The tag of an image: a hash of all that goes into it. The SDK's images differ from run to run (times, order), so their digests cannot say
/// whether something changed; this can.
/// </summary>
internal static class ContentHash
{
    // Changes when what is hashed changes its meaning, so that no tag of an older version is taken for one of ours.
    private const string Scheme = "1";

    /// <summary>The tag for files of a folder and the lines that say what is made of them.</summary>
    /// <param name="folder">Its files count with relative path, bytes and, on Unix, whether they are executable.</param>
    /// <param name="includes">Which files count, by relative path with forward slashes.</param>
    /// <param name="settings">Base image, platform, container settings.</param>
    /// <param name="cancellationToken">Ends it between two files.</param>
    public static async Task<string> TagAsync(
        string folder, Func<string, bool> includes, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append($"scheme {Scheme}");
        foreach (var setting in settings)
            Append(setting);
        foreach (var (path, file) in Files(folder).Where(item => includes(item.Path)).OrderBy(item => item.Path, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: false);
            Append(string.Create(CultureInfo.InvariantCulture, $"file {path} {(IsExecutable(file) ? "x" : "-")} {stream.Length}"));
            hash.AppendData(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        }

        return "content-" + Convert.ToHexStringLower(hash.GetHashAndReset())[..40];

        // The length in front keeps two lines from reading like one.
        void Append(string line)
        {
            var bytes = Encoding.UTF8.GetBytes(line);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
    }

    private static IEnumerable<(string Path, string File)> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => (System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/'), file));

    private static bool IsExecutable(string file) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & UnixFileMode.UserExecute) != 0;
}
