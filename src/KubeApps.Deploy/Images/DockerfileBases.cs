using System.Text;
using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Images;

/// <summary>An image that a Dockerfile begins a stage with.</summary>
/// <param name="Image">Its name, with the values of variables in it.</param>
/// <param name="Platform">What it is built for; null where that is the builder's own.</param>
internal sealed record DockerfileBase(string Image, string? Platform);

/// <summary>
/// The images that a Dockerfile begins its stages with. Pure. Variables have the values that the file itself gives them, and those of the platform that it is built
/// for: nobody hands any in. Left alone is what only the builder can know: names with other variables, and what does not stand on one line.
/// </summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#from"/>
internal static partial class DockerfileBases
{
    /// <summary>The images of other registries, each once for each platform.</summary>
    /// <param name="text">The Dockerfile.</param>
    /// <param name="platform">What it is built for: <c>linux/amd64</c>.</param>
    public static IReadOnlyList<DockerfileBase> Of(string text, string platform)
    {
        List<DockerfileBase> found = [];
        Rewrite(text, platform, image =>
        {
            found.Add(image);
            return null;
        });
        return [.. found.Distinct()];
    }

    /// <summary>The same with other names for some of them.</summary>
    public static string With(string text, string platform, IReadOnlyDictionary<string, string> places) => Rewrite(text, platform, image => places.GetValueOrDefault(image.Image));

    private static string Rewrite(string text, string platform, Func<DockerfileBase, string?> place)
    {
        var escape = EscapeDirective().Match(text) is { Success: true } directive ? directive.Groups["escape"].Value : "\\";
        HashSet<string> stages = new(StringComparer.OrdinalIgnoreCase) { "scratch" };
        var variables = new DockerfileVariables(platform);
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
                result.Append(whole[..image.Index])
                    .Append(BaseOf(image.Value, from.Groups["platform"], variables, platform) is { } begun && !stages.Contains(begun.Image) ? place(begun) ?? image.Value : image.Value)
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
            variables.Read(instruction, isWhole: instruction == line);
            if (TakesDocuments().IsMatch(instruction))
                foreach (var begun in Document().Matches(instruction).Cast<Match>())
                    documents.Enqueue(begun);
            instruction = "";
        }

        return result.ToString();
    }

    // The builder's own platform is what it alone knows, and what it pulls for when nothing is said.
    private static DockerfileBase? BaseOf(string image, Group stated, DockerfileVariables variables, string platform) =>
        variables.Expand(image) is not { } name ? null
        : !stated.Success ? new(name, platform)
        : stated.Value is "$BUILDPLATFORM" or "${BUILDPLATFORM}" ? new(name, null)
        : variables.Expand(stated.Value) is { Length: > 0 } other ? new(name, other)
        : null;

    [GeneratedRegex(@"\A(\s*#[^\n]*\n)*?\s*#\s*escape\s*=\s*(?<escape>[\\`])\s*$", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex EscapeDirective();

    [GeneratedRegex(@"\A\s*FROM\s+(--platform=(?<platform>\S+)\s+)?(?<image>[^\s-]\S*)(\s+AS\s+\S+)?\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex From();

    [GeneratedRegex(@"\A\s*FROM\s.*\sAS\s+(?<name>\S+)\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Stage();

    [GeneratedRegex(@"\A\s*(RUN|COPY|ADD)\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TakesDocuments();

    [GeneratedRegex("""(?<!<)<<(?<tabs>-)?(?<quote>["']?)(?<end>[A-Za-z_]\w*)\k<quote>""", RegexOptions.CultureInvariant)]
    private static partial Regex Document();
}
