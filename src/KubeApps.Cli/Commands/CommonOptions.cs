using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Targets;

namespace KubeApps.Cli.Commands;

/// <summary>The options that say where: the same words in every command.</summary>
internal sealed class TargetOptions
{
    public Option<string?> Environment { get; } = new("--environment", "-e") { Description = "The environment of the specification.", HelpName = "NAME" };

    public Option<string?> Namespace { get; } = new("--namespace", "-n") { Description = "The namespace, in place of the environment's own.", HelpName = "NAME" };

    public Option<string?> Context { get; } = new("--context")
    {
        Description = "The kubeconfig context, in place of the environment's target. The current context is never used without being named.",
        HelpName = "NAME",
    };

    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "The kubeconfig. Default: KUBECONFIG, else ~/.kube/config.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[Environment, Namespace, Context, Kubeconfig])
            command.Add(option);
    }

    public TargetChoice Choice(ParseResult parsed) => new(parsed.GetValue(Context), parsed.GetValue(Kubeconfig));
}

/// <summary>The options that say what a deploy may do to what others have a hand in.</summary>
internal sealed class PolicyOptions
{
    public Option<bool> ForceConflicts { get; } = new("--force-conflicts") { Description = "Take over fields that other managers own." };

    public Option<bool> Adopt { get; } = new("--adopt") { Description = "Take over objects that exist and that the app did not make, whoever made them." };

    public Option<bool> Replace { get; } = new("--replace")
    {
        Description = "Delete and make anew what cannot be changed, for kinds that lose no data by it. Pods may stop meanwhile.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[ForceConflicts, Adopt, Replace])
            command.Add(option);
    }

    public ApplyPolicy Policy(ParseResult parsed) => new(parsed.GetValue(ForceConflicts), parsed.GetValue(Adopt), parsed.GetValue(Replace));
}

internal static class CommonOptions
{
    public static Option<string> Output(string description, params string[] formats)
    {
        var option = new Option<string>("--output", "-o") { Description = description, HelpName = string.Join('|', formats), DefaultValueFactory = _ => formats[0] };
        option.AcceptOnlyFromAmong(formats);
        return option;
    }

    /// <summary>Holds a value against a rule that says what is wrong with it, or null.</summary>
    public static void Check<T>(Option<T> option, Func<T?, string?> wrongWith) => option.Validators.Add(result =>
    {
        if (wrongWith(result.GetValueOrDefault<T>()) is { } wrong)
            result.AddError($"{option.Name}: {wrong}");
    });

    public static Option<string?> Bundle() => new("--bundle")
    {
        Description = "In place of a project: a folder that holds bundle.json, or a bundle in a registry, oci://REPO@sha256:… or oci://REPO:TAG.",
        HelpName = "DIR|oci://REF",
    };

    public static Option<string?> Project() => new("--project") { Description = "The project file or its folder. Default: the working directory.", HelpName = "PATH" };

    public static Option<string?> Strategy()
    {
        var option = new Option<string?>("--strategy") { Description = "How to get to the new version. Default: what the specification says.", HelpName = "rolling|bluegreen" };
        option.AcceptOnlyFromAmong("rolling", "bluegreen");
        return option;
    }

    public static Option<bool> Yes(string description = "Do not ask.") => new("--yes", "-y") { Description = description };

    public static Option<bool> NonInteractive(string description = "Never ask; fail where an answer is needed.") => new("--non-interactive") { Description = description };

    public static Argument<string?> App()
    {
        var argument = new Argument<string?>("app")
        {
            Description = "The app's name. Default: the only app there, or the one of the project in the working directory.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        // An option that the command does not have would be taken for a name.
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] option }])
                result.AddError($"'{option}' is neither an option of this command nor the name of an app.");
        });
        return argument;
    }

    public static Option<TimeSpan?> Timeout() => Timeout("How long the rollout may take: 90s, 5m, 1h. Default: what the specification says.", null);

    /// <summary>The same word where it means something else.</summary>
    /// <param name="description">What may take so long.</param>
    /// <param name="otherwise">How long, where nothing is said; null: nobody knows here.</param>
    public static Option<TimeSpan?> Timeout(string description, TimeSpan? otherwise) => new("--timeout")
    {
        Description = description,
        HelpName = "DURATION",
        DefaultValueFactory = otherwise is null ? null : _ => otherwise,
        CustomParser = ParseDuration,
    };

    public static Option<TimeSpan?> WaitForLock() => new("--wait-for-lock")
    {
        Description = "Wait for another run that deploys the app, in place of stopping; at most this long (default: 1h).",
        HelpName = "DURATION",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => result.Tokens.Count == 0 ? AppLock.DefaultPatience : ParseDuration(result),
    };

    /// <summary>An age in hours, days or weeks, as people say it.</summary>
    internal static TimeSpan? ParseAge(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        var hours = text.Length == 0 ? 0 : text[^1] switch { 'h' => 1, 'd' => 24, 'w' => 168, _ => 0 };
        if (hours > 0 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 10_000)
            return TimeSpan.FromHours(number * hours);
        result.AddError($"'{text}' is not an age. Write a number and a unit: 12h, 7d, 2w.");
        return null;
    }

    /// <summary>A duration in the way that Go and kubectl write it, for the units that make sense here.</summary>
    internal static TimeSpan? ParseDuration(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        var unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        if (unit > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 && number * unit <= 86400)
            return TimeSpan.FromSeconds(number * unit);
        result.AddError($"'{text}' is not a duration. Write a number and a unit: 90s, 5m, 1h.");
        return null;
    }
}
