using System.Text;
using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Images;

/// <summary>
/// The images that a Dockerfile begins its stages with. Pure. Left alone is what only the builder can know: names with variables, and stages for a platform of
/// their own.
/// </summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#from"/>
internal static partial class DockerfileBases
{
    /// <summary>The images of other registries, each once.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        List<string> found = [];
        Rewrite(text, image =>
        {
            found.Add(image);
            return image;
        });
        return [.. found.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The same with other names for some of them.</summary>
    public static string With(string text, IReadOnlyDictionary<string, string> places) => Rewrite(text, image => places.GetValueOrDefault(image, image));

    private static string Rewrite(string text, Func<string, string> place)
    {
        var escape = EscapeDirective().Match(text) is { Success: true } directive ? directive.Groups["escape"].Value : "\\";
        HashSet<string> stages = new(StringComparer.OrdinalIgnoreCase) { "scratch" };
        Queue<Match> documents = [];
        var (result, instruction, isInside) = (new StringBuilder(text.Length), "", false);
        foreach (var whole in text.Split('\n'))
        {
            if (result.Length > 0 || isInside)
                result.Append('\n');
            var line = whole.TrimEnd('\r');
            if (documents.TryPeek(out var document))
            {
                // What a command is given line by line says nothing to the builder.
                if ((document.Groups["tabs"].Success ? line.TrimStart('\t') : line) == document.Groups["end"].Value)
                    documents.Dequeue();
                result.Append(whole);
                isInside = true;
                continue;
            }

            var isComment = line.TrimStart() is "" or ['#', ..];
            var goesOn = !isComment && line.TrimEnd().EndsWith(escape, StringComparison.Ordinal);
            if (instruction.Length == 0 && !goesOn && From().Match(line) is { Success: true } from)
            {
                var image = from.Groups["image"];
                result.Append(whole[..image.Index]).Append(stages.Contains(image.Value) || image.Value.Contains('$', StringComparison.Ordinal) ? image.Value : place(image.Value))
                    .Append(whole[(image.Index + image.Length)..]);
            }
            else
                result.Append(whole);
            if (Stage().Match(line) is { Success: true } stage && instruction.Length == 0)
                stages.Add(stage.Groups["name"].Value);
            isInside = true;
            if (isComment)
                continue;
            instruction += line;
            if (goesOn)
                continue;
            if (TakesDocuments().IsMatch(instruction))
                foreach (var begun in Document().Matches(instruction).Cast<Match>())
                    documents.Enqueue(begun);
            instruction = "";
        }

        return result.ToString();
    }

    [GeneratedRegex(@"\A(\s*#[^\n]*\n)*?\s*#\s*escape\s*=\s*(?<escape>[\\`])\s*$", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex EscapeDirective();

    [GeneratedRegex(@"\A\s*FROM\s+(?<image>[^\s-]\S*)(\s+AS\s+\S+)?\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex From();

    [GeneratedRegex(@"\A\s*FROM\s.*\sAS\s+(?<name>\S+)\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Stage();

    [GeneratedRegex(@"\A\s*(RUN|COPY|ADD)\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TakesDocuments();

    [GeneratedRegex("""(?<!<)<<(?<tabs>-)?(?<quote>["']?)(?<end>[A-Za-z_]\w*)\k<quote>""", RegexOptions.CultureInvariant)]
    private static partial Regex Document();
}
