namespace KubeApps.Processes;

/// <summary>
/// How a program of ours is told to end: its standard input ends. The caller closes it, or has died; both are to be noticed, and on Windows
/// there is no signal that could say it. Linked into those programs.
/// </summary>
internal static class CallersPipe
{
    /// <summary>Calls <paramref name="onClosed"/> once, from another thread, when standard input has ended.</summary>
    public static void Watch(Action onClosed)
    {
        var input = Console.OpenStandardInput();
        new Thread(() =>
        {
            var ignored = new byte[256];
            try
            {
                while (input.Read(ignored) > 0)
                {
                }
            }
            catch (IOException)
            {
                // As good as closed.
            }

            onClosed();
        })
        {
            IsBackground = true,
            Name = "caller's pipe",
        }.Start();
    }
}
