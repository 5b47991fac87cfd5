namespace KubeApps.Actions.Tests.Checking;

/// <summary>What a checker says of a file; line 0 is the file as a whole.</summary>
internal sealed record Finding(string Checker, string File, long Line, string Message)
{
    public override string ToString() => $"{File}:{Line}: {Message} [{Checker}]";
}
