using System.Text;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>Kubernetes' <c>$(NAME)</c> in commands, arguments and environment values; <c>$$</c> is one dollar sign.</summary>
internal static class VariableExpansion
{
    /// <summary>A name that <paramref name="lookup"/> does not know stays as it is written.</summary>
    public static string Expand(string text, Func<string, string?> lookup)
    {
        if (!text.Contains('$'))
            return text;
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is var end and >= 0)
            {
                result.Append(lookup(text[(i + 2)..end]) ?? text[i..(end + 1)]);
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }
}
