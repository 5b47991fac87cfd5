using System.Text;

namespace KubeApps.Sandbox.Objects;

/// <summary>
/// What the OpenAPI documents do not say of the server's types, and yet shows in its answers: the order of fields, which absent lists
/// are written as null, and which scalars keep a zero because they are pointers or are always written.
/// </summary>
/// <remarks>
/// One line per type in <c>go-types.txt</c>: name, then its fields in order; <c>*</c> marks a pointer, <c>+</c> a scalar and <c>!</c> any
/// other value that is never left out, <c>:Name</c> a scalar of a type with a name. Collected from k8s.io/api, apimachinery and apiextensions v0.34.9.
/// </remarks>
internal sealed class GoTypes
{
    private readonly Dictionary<string, Dictionary<string, Field>> _types = new(StringComparer.Ordinal);

    internal readonly record struct Field(int Order, bool Pointer, bool AlwaysWritten, bool NullIfAbsent, string? TypeName);

    public static GoTypes Parse(byte[] text)
    {
        var facts = new GoTypes();
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.TrimEnd('\r').Split(' ');
            var fields = new Dictionary<string, Field>(words.Length, StringComparer.Ordinal);
            for (var index = 1; index < words.Length; index++)
            {
                var word = words[index].AsSpan();
                var pointer = word.EndsWith("*");
                var always = word.EndsWith("+");
                var nullIfAbsent = word.EndsWith("!");
                word = word.TrimEnd("*+!");
                var colon = word.IndexOf(':');
                fields.TryAdd((colon < 0 ? word : word[..colon]).ToString(),
                    new Field(index, pointer, always, nullIfAbsent, colon < 0 ? null : word[(colon + 1)..].ToString()));
            }

            facts._types[words[0]] = fields;
        }

        return facts;
    }

    public Field Of(string type, string field) =>
        _types.TryGetValue(type, out var fields) && fields.TryGetValue(field, out var found) ? found : new Field(int.MaxValue, false, false, false, null);
}
