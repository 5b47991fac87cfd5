using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

internal static class Attempt
{
    /// <summary>
    /// One step of a loop that must go on: what another write made obsolete comes back with the next change, and a full disk is
    /// reported to those who write.
    /// </summary>
    public static void This(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (e is ApiStatusException or StateNotSavedException)
        {
            if (e is StateNotSavedException)
                Console.Error.WriteLine(e.Message);
        }
    }
}
