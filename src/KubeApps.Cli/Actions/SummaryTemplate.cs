using System.Text;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy.Planning.Reports;
using Scriban;
using Scriban.Runtime;

namespace KubeApps.Cli.Actions;

/// <summary>Renders summaries with the template that the tool carries.</summary>
internal static class SummaryTemplate
{
    /// <summary>GitHub refuses the summary of a step above that, whatever the steps' commands share.</summary>
    public const int Limit = 1024 * 1024;

    /// <summary>What fits behind what stands there already: all, the most important, or nothing.</summary>
    public static string Fitting(StepSummary summary, long taken) =>
        ((StepSummary[])[summary, summary.Shortened()]).Select(Render).FirstOrDefault(text => Fits(text, taken)) ?? "";

    /// <summary>The same of a plan.</summary>
    public static string Fitting(PlanReport plan, long taken) =>
        // Letters have up to three bytes.
        ((int[])[1_000_000, 300_000, PlanMarkdown.Limit]).Select(limit => PlanMarkdown.Of(plan, PlanRoom.Summary(limit))).FirstOrDefault(text => Fits(text, taken)) ?? "";

    private static bool Fits(string text, long taken) => taken + Encoding.UTF8.GetByteCount(text) < Limit;

    public static string Render(StepSummary summary)
    {
        var globals = new ScriptObject
        {
            ["mark"] = summary.Mark,
            ["title"] = summary.Title,
            ["sentence"] = summary.Sentence,
            ["failures"] = new ScriptArray(summary.Failures),
            ["alerts"] = new ScriptArray(summary.Alerts.Select(alert => new ScriptObject { ["kind"] = alert.Kind, ["text"] = alert.Text, ["place"] = alert.Place })),
            ["tables"] = new ScriptArray(summary.Tables.Select(table => new ScriptObject
            {
                ["title"] = table.Title,
                ["columns"] = new ScriptArray(table.Columns),
                ["rows"] = new ScriptArray(table.Rows.Select(row => new ScriptArray(row))),
                ["more"] = table.More,
            })),
        };
        var context = new TemplateContext { StrictVariables = true, LoopLimit = 0, NewLine = "\n" };
        context.PushGlobal(globals);
        return Template().Render(context);
    }

    private static Template Template()
    {
        using var stream = typeof(SummaryTemplate).Assembly.GetManifestResourceStream("KubeApps.Cli.Actions.summary.sbn")!;
        using var reader = new StreamReader(stream);
        return Scriban.Template.Parse(reader.ReadToEnd().ReplaceLineEndings("\n"));
    }
}
