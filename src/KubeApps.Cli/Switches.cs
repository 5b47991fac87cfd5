using System.CommandLine;

namespace KubeApps.Cli;

/// <summary>
/// Options that are on or off. The parser takes what stands behind one and is no boolean for the next word of the line: <c>--all=no</c> would
/// mean all, of an app named "no".
/// </summary>
internal static class Switches
{
    /// <summary>What is wrong with the first switch that has a value which is none; null where all is well.</summary>
    public static string? Mistake(IEnumerable<string> args, Command command)
    {
        var switches = command.Options.Where(option => option.ValueType == typeof(bool)).SelectMany(option => option.Aliases.Append(option.Name)).ToHashSet(StringComparer.Ordinal);
        return (from arg in args.TakeWhile(arg => arg != "--")
                let end = arg.IndexOfAny(['=', ':'])
                where end > 0 && switches.Contains(arg[..end]) && !bool.TryParse(arg[(end + 1)..], out _)
                select $"{arg[..end]} is true or false, not '{arg[(end + 1)..]}'.").FirstOrDefault();
    }
}
