using System.Text.Json;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>The actions of others that our files may use: each at one commit, with the version that this commit is and the inputs that it has.</summary>
internal sealed record ForeignAction(string Commit, string Version, IReadOnlyList<string> Inputs)
{
    public static IReadOnlyDictionary<string, ForeignAction> All { get; } = Read();

    private static Dictionary<string, ForeignAction> Read()
    {
        using var stream = typeof(ForeignAction).Assembly.GetManifestResourceStream("foreign-actions.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, ForeignAction>>(stream, JsonSerializerOptions.Web)!;
    }
}
