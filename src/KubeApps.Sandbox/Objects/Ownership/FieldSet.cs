using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Ownership;

/// <summary>
/// A set of fields of an object, as a tree. Each step of a path is written as in <c>fieldsV1</c>: <c>f:name</c>, <c>k:{"name":"c"}</c>,
/// <c>v:"x"</c>, <c>i:0</c>. Immutable once built; the operations return new sets that share what did not change.
/// </summary>
internal sealed class FieldSet
{
    public static readonly FieldSet Empty = new();

    private Dictionary<string, FieldSet>? _children;

    /// <summary>Whether the field at this place is in the set itself, and not only something below it.</summary>
    public bool IsMember { get; private set; }

    public bool IsEmpty => !IsMember && _children is null or { Count: 0 };

    public IEnumerable<KeyValuePair<string, FieldSet>> Children => _children ?? [];

    public FieldSet? Child(string step) => _children?.GetValueOrDefault(step);

    /// <summary>Whether the direct child is a member.</summary>
    public bool Has(string step) => _children is not null && _children.TryGetValue(step, out var child) && child.IsMember;

    /// <summary>For building only: adds the field at a path.</summary>
    public void Add(ReadOnlySpan<string> path)
    {
        if (path.Length == 0)
            return;
        var node = this;
        foreach (var step in path)
        {
            node._children ??= new Dictionary<string, FieldSet>(StringComparer.Ordinal);
            if (!node._children.TryGetValue(step, out var child))
                node._children[step] = child = new FieldSet();
            node = child;
        }

        node.IsMember = true;
    }

    public FieldSet Union(FieldSet other)
    {
        if (other.IsEmpty || ReferenceEquals(this, other))
            return this;
        if (IsEmpty)
            return other;
        var result = new FieldSet { IsMember = IsMember || other.IsMember };
        result._children = new Dictionary<string, FieldSet>(_children ?? [], StringComparer.Ordinal);
        foreach (var (step, child) in other.Children)
            result._children[step] = result._children.TryGetValue(step, out var mine) ? mine.Union(child) : child;
        return result;
    }

    public FieldSet Except(FieldSet other) => other.IsEmpty ? this : Combine(other, IsMember && !other.IsMember, static (mine, theirs) => mine.Except(theirs), keepsUnmatched: true);

    /// <summary>As <see cref="Except"/>, but a member of <paramref name="other"/> takes with it all that is below.</summary>
    public FieldSet ExceptBelow(FieldSet other)
    {
        if (other.IsEmpty)
            return this;
        return Combine(other, IsMember && !other.IsMember, static (mine, theirs) => theirs.IsMember ? Empty : mine.ExceptBelow(theirs), keepsUnmatched: true);
    }

    public FieldSet Intersect(FieldSet other) => Combine(other, IsMember && other.IsMember, static (mine, theirs) => mine.Intersect(theirs), keepsUnmatched: false);

    /// <summary>
    /// The set with the named fields on the way to its members: of <c>a.b.c</c> also <c>a</c> and <c>a.b</c>, where these are fields of a
    /// struct, but not where they are keys of a map or items of a list.
    /// </summary>
    public FieldSet WithNamedFields(SchemaType type)
    {
        if (_children is null)
            return this;
        var result = new FieldSet { IsMember = IsMember, _children = new Dictionary<string, FieldSet>(_children.Count, StringComparer.Ordinal) };
        foreach (var (step, child) in _children)
        {
            var named = step[0] == 'f' && type.Kind == SchemaKind.Struct && type.Field(step[2..]) is not null;
            var below = step[0] == 'f' ? type.Child(step[2..]) : type.Kind == SchemaKind.List ? type.Items : SchemaType.Any;
            var completed = child.WithNamedFields(below);
            if (named && !completed.IsMember && !completed.IsEmpty)
                completed = new FieldSet { IsMember = true, _children = completed._children };
            result._children[step] = completed;
        }

        return result;
    }

    public bool SetEquals(FieldSet other)
    {
        if (IsMember != other.IsMember || (_children?.Count ?? 0) != (other._children?.Count ?? 0))
            return false;
        foreach (var (step, child) in Children)
            if (other.Child(step) is not { } theirs || !child.SetEquals(theirs))
                return false;
        return true;
    }

    /// <summary>The paths of all members, in the order of <c>fieldsV1</c>, as the messages show them: <c>.spec.containers[name="c"].image</c>.</summary>
    public IEnumerable<string> Paths() => Paths("");

    private IEnumerable<string> Paths(string prefix)
    {
        foreach (var (step, child) in Sorted())
        {
            var path = prefix + Show(step);
            if (child.IsMember)
                yield return path;
            foreach (var below in child.Paths(path))
                yield return below;
        }
    }

    public JsonObject ToFieldsV1()
    {
        var result = new JsonObject();
        foreach (var (step, child) in Sorted())
        {
            var below = child.ToFieldsV1();
            if (child.IsMember && below.Count > 0)
                below.Insert(0, ".", new JsonObject());
            result[step] = below;
        }

        return result;
    }

    public static FieldSet FromFieldsV1(JsonObject? fields)
    {
        if (fields is null)
            return Empty;
        var result = new FieldSet();
        foreach (var (step, below) in fields)
        {
            if (step == ".")
                continue;
            var child = FromFieldsV1(below as JsonObject);
            if (child.IsEmpty || (below as JsonObject)?.ContainsKey(".") == true)
                child = new FieldSet { IsMember = true, _children = child._children };
            result._children ??= new Dictionary<string, FieldSet>(StringComparer.Ordinal);
            result._children[step] = child;
        }

        return result;
    }

    private FieldSet Combine(FieldSet other, bool member, Func<FieldSet, FieldSet, FieldSet> both, bool keepsUnmatched)
    {
        var result = new FieldSet { IsMember = member };
        foreach (var (step, mine) in Children)
        {
            FieldSet combined;
            if (other.Child(step) is { } theirs)
                combined = both(mine, theirs);
            else if (keepsUnmatched)
                combined = mine;
            else
                continue;
            if (combined.IsEmpty)
                continue;
            result._children ??= new Dictionary<string, FieldSet>(StringComparer.Ordinal);
            result._children[step] = combined;
        }

        return result;
    }

    private IEnumerable<KeyValuePair<string, FieldSet>> Sorted() =>
        Children.OrderBy(pair => "fkvi".IndexOf(pair.Key[0])).ThenBy(pair => pair.Key, StringComparer.Ordinal);

    private static string Show(string step)
    {
        var content = step[2..];
        switch (step[0])
        {
            case 'f':
                return "." + content;
            case 'k':
                var text = new StringBuilder("[");
                foreach (var (key, value) in JsonNode.Parse(content)!.AsObject())
                {
                    if (text.Length > 1)
                        text.Append(',');
                    text.Append(key).Append('=').Append(FieldError.Show(value));
                }

                return text.Append(']').ToString();
            case 'v':
                return $"[={content}]";
            default:
                return $"[{content}]";
        }
    }
}
