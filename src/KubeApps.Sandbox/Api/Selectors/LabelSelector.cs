using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api.Selectors;

/// <summary>
/// A label selector, of a query (<c>app=web,tier in (a,b),!canary</c>, with the messages of the real parser) or of an object's spec. As text it
/// stands in the order of its keys, as with the real one.
/// </summary>
internal sealed partial class LabelSelector
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IEnumerable<Requirement> requirements) =>
        _requirements = [.. requirements.OrderBy(requirement => requirement.Key, StringComparer.Ordinal)];

    public static LabelSelector Everything { get; } = new([]);

    public bool IsEverything => _requirements.Count == 0;

    /// <exception cref="ApiStatusException">400 with the parser's message.</exception>
    public static LabelSelector Parse(string? text) => string.IsNullOrEmpty(text) ? Everything : new LabelSelector(new Parser(text).Parse());

    /// <summary>The selector of an object's spec: <c>matchLabels</c> and <c>matchExpressions</c>.</summary>
    public static LabelSelector FromObject(JsonObject? selector)
    {
        var requirements = Equalities(selector?["matchLabels"] as JsonObject).ToList();
        foreach (var expression in selector?["matchExpressions"] as JsonArray ?? [])
        {
            var values = (expression!["values"] as JsonArray ?? []).Select(value => (string)value!).ToArray();
            var how = (string?)expression["operator"] switch
            {
                "In" => Operator.In,
                "NotIn" => Operator.NotIn,
                "Exists" => Operator.Exists,
                _ => Operator.DoesNotExist,
            };
            requirements.Add(new Requirement((string)expression["key"]!, how, values));
        }

        return new LabelSelector(requirements);
    }

    /// <summary>The selector of a Service: the labels themselves.</summary>
    public static LabelSelector FromLabels(JsonObject? labels) => new(Equalities(labels));

    public bool Matches(JsonObject value)
    {
        if (IsEverything)
            return true;
        var labels = value["metadata"]?["labels"] as JsonObject;
        foreach (var requirement in _requirements)
            if (!requirement.Matches(labels))
                return false;
        return true;
    }

    public override string ToString() => string.Join(",", _requirements.Select(requirement => requirement.ToString()));

    private static IEnumerable<Requirement> Equalities(JsonObject? labels) =>
        (labels ?? []).Select(label => new Requirement(label.Key, Operator.In, [(string?)label.Value ?? ""]));

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
    }

    private sealed record Requirement(string Key, Operator How, string[] Values)
    {
        public bool Matches(JsonObject? labels)
        {
            var has = labels is not null && labels.ContainsKey(Key);
            var value = has ? (string?)labels![Key] ?? "" : null;
            return How switch
            {
                Operator.In => has && Values.Contains(value),
                Operator.NotIn => !has || !Values.Contains(value),
                Operator.Exists => has,
                Operator.DoesNotExist => !has,
                _ => has && long.TryParse(value, CultureInfo.InvariantCulture, out var actual)
                    && long.TryParse(Values[0], CultureInfo.InvariantCulture, out var limit)
                    && (How == Operator.GreaterThan ? actual > limit : actual < limit),
            };
        }

        public override string ToString() => How switch
        {
            Operator.In when Values.Length == 1 => $"{Key}={Values[0]}",
            Operator.In => $"{Key} in ({string.Join(",", Values.Order(StringComparer.Ordinal))})",
            Operator.NotIn when Values.Length == 1 => $"{Key}!={Values[0]}",
            Operator.NotIn => $"{Key} notin ({string.Join(",", Values.Order(StringComparer.Ordinal))})",
            Operator.Exists => Key,
            Operator.DoesNotExist => $"!{Key}",
            Operator.GreaterThan => $"{Key}>{Values[0]}",
            _ => $"{Key}<{Values[0]}",
        };
    }

    /// <summary>Recursive descent over the tokens of the query; the words of its errors are part of the API.</summary>
    private sealed class Parser(string text)
    {
        private int _position;

        public List<Requirement> Parse()
        {
            var requirements = new List<Requirement>();
            while (true)
            {
                var token = Peek();
                if (token.Kind == TokenKind.End)
                    return requirements;
                if (token.Kind is not (TokenKind.Identifier or TokenKind.Not))
                    throw Error($"found '{token.Text}', expected: !, identifier, or 'end of string'");
                requirements.Add(ParseRequirement());
                var next = Take();
                if (next.Kind == TokenKind.End)
                    return requirements;
                if (next.Kind != TokenKind.Comma)
                    throw Error($"found '{next.Text}', expected: ',' or 'end of string'");
                var after = Peek();
                if (after.Kind is not (TokenKind.Identifier or TokenKind.Not))
                    throw Error($"found '{after.Text}', expected: identifier after ','");
            }
        }

        private Requirement ParseRequirement()
        {
            var token = Take();
            var negated = token.Kind == TokenKind.Not;
            if (negated)
                token = Take();
            if (token.Kind != TokenKind.Identifier)
                throw Unparsable($"found '{token.Text}', expected: identifier");
            var key = token.Text;
            if (!Key().IsMatch(key))
            {
                throw Unparsable($"key: Invalid value: \"{key}\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
                    + "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
            }

            if (negated)
                return new Requirement(key, Operator.DoesNotExist, []);
            if (Peek().Kind is TokenKind.End or TokenKind.Comma)
                return new Requirement(key, Operator.Exists, []);
            var operation = Take();
            switch (operation.Text)
            {
                case "=" or "==":
                    return new Requirement(key, Operator.In, [Value(key)]);
                case "!=":
                    return new Requirement(key, Operator.NotIn, [Value(key)]);
                case "in":
                    return new Requirement(key, Operator.In, ValueSet());
                case "notin":
                    return new Requirement(key, Operator.NotIn, ValueSet());
                case ">":
                    return new Requirement(key, Operator.GreaterThan, [Number(key, Value(key))]);
                case "<":
                    return new Requirement(key, Operator.LessThan, [Number(key, Value(key))]);
                default:
                    throw Unparsable($"found '{operation.Text}', expected: in, notin, =, ==, !=, gt, lt");
            }
        }

        private static string Number(string key, string value) => long.TryParse(value, CultureInfo.InvariantCulture, out _)
            ? value
            : throw Unparsable($"values[0][{key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer");

        private string Value(string key)
        {
            if (Peek().Kind is TokenKind.End or TokenKind.Comma)
                return "";
            var token = Take();
            if (token.Kind != TokenKind.Identifier)
                throw Unparsable($"found '{token.Text}', expected: identifier");
            if (!LabelValue().IsMatch(token.Text))
            {
                throw Unparsable($"values[0][{key}]: Invalid value: \"{token.Text}\": a valid label must be an empty string or consist of alphanumeric characters, "
                    + "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
                    + "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
            }

            return token.Text;
        }

        private string[] ValueSet()
        {
            var open = Take();
            if (open.Kind != TokenKind.Open)
                throw Unparsable($"found '{open.Text}' expected: '('");
            var values = new List<string>();
            while (true)
            {
                var token = Take();
                switch (token.Kind)
                {
                    case TokenKind.Identifier:
                        values.Add(token.Text);
                        var next = Take();
                        if (next.Kind == TokenKind.Close)
                            return [.. values];
                        if (next.Kind != TokenKind.Comma)
                            throw Unparsable($"found '{next.Text}', expected: ',' or ')'");
                        break;
                    case TokenKind.Comma:
                        values.Add("");
                        break;
                    case TokenKind.Close:
                        values.Add("");
                        return [.. values];
                    default:
                        throw Unparsable($"found '{token.Text}', expected: ',', ')' or identifier");
                }
            }
        }

        private Token Peek()
        {
            var start = _position;
            var token = Take();
            _position = start;
            return token;
        }

        private Token Take()
        {
            while (_position < text.Length && text[_position] is ' ' or '\t' or '\r' or '\n')
                _position++;
            if (_position == text.Length)
                return new Token(TokenKind.End, "");
            var start = _position;
            switch (text[_position++])
            {
                case '(':
                    return new Token(TokenKind.Open, "(");
                case ')':
                    return new Token(TokenKind.Close, ")");
                case ',':
                    return new Token(TokenKind.Comma, ",");
                case '>' or '<':
                    return new Token(TokenKind.Operator, text[start.._position]);
                case '=':
                    if (_position < text.Length && text[_position] == '=')
                        _position++;
                    return new Token(TokenKind.Operator, text[start.._position]);
                case '!':
                    if (_position < text.Length && text[_position] == '=')
                    {
                        _position++;
                        return new Token(TokenKind.Operator, "!=");
                    }

                    return new Token(TokenKind.Not, "!");
                default:
                    while (_position < text.Length && text[_position] is not ('(' or ')' or ',' or '>' or '<' or '=' or '!' or ' ' or '\t' or '\r' or '\n'))
                        _position++;
                    return new Token(TokenKind.Identifier, text[start.._position]);
            }
        }

        private static ApiStatusException Error(string message) => ApiStatusException.BadRequest(message);

        private static ApiStatusException Unparsable(string message) => Error($"unable to parse requirement: {message}");
    }

    private enum TokenKind
    {
        Identifier,
        Operator,
        Not,
        Open,
        Close,
        Comma,
        End,
    }

    private readonly record struct Token(TokenKind Kind, string Text);

    [GeneratedRegex("^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$")]
    private static partial Regex Key();

    [GeneratedRegex("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")]
    private static partial Regex LabelValue();
}
