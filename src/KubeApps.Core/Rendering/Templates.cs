using System.Text.Json.Nodes;
using KubeApps.Diagnostics;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace KubeApps.Rendering;

/// <summary>
/// Scriban templates of YAML. A name that is not there is an error, and neither files nor the environment can be reached from a template.
/// </summary>
internal static class Templates
{
    public static JsonNode ModelOf(KubeAppModel app) =>
        JsonNode.Parse(new SpecDocument(SpecDocument.CurrentSchemaVersion, app.Name, [], [app]).ToJson())!["environments"]![0]!;

    /// <exception cref="DiagnosticException">With file, line and column.</exception>
    public static string Render(ManifestFile manifest, KubeAppModel app, JsonNode model)
    {
        var template = Template.Parse(manifest.Text, manifest.Path);
        if (template.HasErrors)
            throw new DiagnosticException([.. template.Messages.Where(message => message.Type == ParserMessageType.Error).Select(message => Error(message.Message, message.Span, manifest))]);

        var globals = new ScriptObject
        {
            ["app"] = new ScriptObject
            {
                ["name"] = app.Name,
                ["namespace"] = app.Namespace,
                ["environment"] = app.Environment.Name,
                ["labels"] = ToScript(model["labels"]),
            },
            ["model"] = ToScript(model),
        };
        var context = new BoundedContext
        {
            StrictVariables = true,
            EnableRelaxedMemberAccess = false,
            EnableRelaxedTargetAccess = false,
            MemberRenamer = member => member.Name,
        };
        // The builtins that are no functions of their arguments: the same input would give other bytes.
        context.BuiltinObject.Remove("date");
        var mathematics = (ScriptObject)context.BuiltinObject["math"]!;
        mathematics.Remove("random");
        mathematics.Remove("uuid");
        context.PushGlobal(globals);
        try
        {
            return template.Render(context);
        }
        catch (ScriptRuntimeException exception)
        {
            throw new DiagnosticException(Error(exception.OriginalMessage, exception.Span, manifest), exception);
        }
    }

    private static Diagnostic Error(string message, SourceSpan span, ManifestFile manifest) => DiagnosticDescriptors.TemplateInvalid.Because(
        message.TrimEnd('.') + ".", new SourceLocation(manifest.Path, manifest.LineOffset + span.Start.Line + 1, span.Start.Column + 1));

    private static object? ToScript(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                var script = new ScriptObject();
                foreach (var (key, value) in map)
                    script[key] = ToScript(value);
                return script;
            case JsonArray list:
                return new ScriptArray(list.Select(ToScript));
            case JsonValue value when value.TryGetValue<string>(out var text):
                return text;
            case JsonValue value when value.TryGetValue<bool>(out var truth):
                return truth;
            case JsonValue value when value.TryGetValue<long>(out var number):
                return number;
            case JsonValue value:
                return value.GetValue<double>();
            default:
                return null;
        }
    }

    /// <summary>A template ends, whatever it does: not only each loop is limited, but all steps together, and a text that is too long is an error.</summary>
    private sealed class BoundedContext : TemplateContext
    {
        private const int MaxSteps = 2_000_000;

        private int _steps;

        public BoundedContext()
        {
            LoopLimit = 100_000;
            LimitToString = 10_000_000;
            OnStringLimit = ScriptLimitBehavior.Throw;
            OnOutputLimit = ScriptLimitBehavior.Throw;
        }

        public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction) =>
            ++_steps > MaxSteps && scriptNode is not null
                ? throw new ScriptRuntimeException(scriptNode.Span, $"The template takes more than {MaxSteps} steps.")
                : base.Evaluate(scriptNode, aliasReturnedFunction);
    }
}
