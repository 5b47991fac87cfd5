namespace KubeApps.Deploy.Planning;

/// <summary>What a deploy may do to objects and fields that others have a hand in. Nothing, unless asked for.</summary>
/// <param name="ForceConflicts">Take fields away from other managers.</param>
/// <param name="Adopt">Take objects that the app did not create.</param>
/// <param name="Replace">Delete and make anew what cannot be changed, where nothing is lost by it.</param>
internal sealed record ApplyPolicy(bool ForceConflicts = false, bool Adopt = false, bool Replace = false)
{
    public static readonly ApplyPolicy Careful = new();
}
