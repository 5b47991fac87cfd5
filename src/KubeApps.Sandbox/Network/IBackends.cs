namespace KubeApps.Sandbox.Network;

/// <summary>Chooses where the traffic of a port goes, and hears what becomes of it. Used by many connections at once.</summary>
internal interface IBackends
{
    /// <summary>Where a new connection goes that was not tried yet; null if there is nothing.</summary>
    Backend? Next(IReadOnlyCollection<Backend> tried);

    /// <summary>The backend does not take the connection.</summary>
    void Refused(Backend backend);

    /// <summary>Announces a request; false if the backend does not get any more.</summary>
    bool TryBegin(Backend backend);

    /// <summary>A request that was announced is over.</summary>
    void End(Backend backend, RequestEnd how);

    /// <summary>A connection begins in which requests cannot be told apart.</summary>
    void Opened(Backend backend);

    /// <summary>Such a connection is over.</summary>
    void Closed(Backend backend);
}

internal enum RequestEnd
{
    Answered,

    /// <summary>With a server's error (5xx), or without an answer.</summary>
    Failed,

    /// <summary>Nobody waited for the answer any more, or it was never really there: the connection had been closed before.</summary>
    Withdrawn,
}
