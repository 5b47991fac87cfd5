using System.Text;
using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Images;

/// <summary>
/// The files of a context that are not sent to a Dockerfile's build, so that a change of theirs builds nothing
/// (https://docs.docker.com/build/concepts/context/#dockerignore-files).
/// </summary>
internal sealed class DockerIgnore
{
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    private readonly List<(Regex Pattern, bool Ignores)> _rules;

    private DockerIgnore(List<(Regex, bool)> rules) => _rules = rules;

    public static DockerIgnore Read(string dockerfile, string context)
    {
        var file = new[] { dockerfile + ".dockerignore", Path.Combine(context, ".dockerignore") }.FirstOrDefault(File.Exists);
        return Parse(file is null ? [] : File.ReadAllLines(file));
    }

    public static DockerIgnore Parse(IEnumerable<string> lines)
    {
        // What git keeps for itself changes without the sources.
        List<(Regex, bool)> rules = [(ToRegex(".git"), true)];
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var isException = line[0] == '!';
            var pattern = (isException ? line[1..] : line).Trim().Trim('/');
            if (pattern.StartsWith("./", StringComparison.Ordinal))
                pattern = pattern[2..];
            if (pattern.Length > 0)
                rules.Add((ToRegex(pattern), !isException));
        }

        return new DockerIgnore(rules);
    }

    /// <summary>Whether a file, by its path in the context with forward slashes, is left out. The last rule that fits decides.</summary>
    public bool Matches(string path) => _rules.LastOrDefault(rule => rule.Pattern.IsMatch(path)) is { Pattern: not null, Ignores: true };

    // A pattern that names a folder takes all that is below it.
    private static Regex ToRegex(string pattern)
    {
        var text = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    i++;
                    if (i + 1 < pattern.Length && pattern[i + 1] == '/')
                    {
                        i++;
                        text.Append("(?:.*/)?");
                    }
                    else
                    {
                        text.Append(".*");
                    }

                    break;
                case '*':
                    text.Append("[^/]*");
                    break;
                case '?':
                    text.Append("[^/]");
                    break;
                default:
                    text.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return new Regex(text.Append("(?:/.*)?$").ToString(), RegexOptions.CultureInvariant, MatchLimit);
    }
}
