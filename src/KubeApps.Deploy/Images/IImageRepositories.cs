namespace KubeApps.Deploy.Images;

/// <summary>What a registry wants that does not make a repository by itself at its first push.</summary>
internal interface IImageRepositories : IDisposable
{
    /// <summary>Makes a repository where it is missing.</summary>
    /// <param name="path">Its path in the registry.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task EnsureAsync(string path, CancellationToken cancellationToken);

    /// <summary>Waits until what was pushed is also where the registry's rules send it.</summary>
    /// <param name="path">The repository.</param>
    /// <param name="digest">What was pushed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task AwaitAsync(string path, string digest, CancellationToken cancellationToken);

    /// <summary>Where an image of another registry is to be pulled from in this one, with its tag or digest; null where it is pulled from where it is.</summary>
    /// <param name="image">Its name.</param>
    /// <param name="isDry">Whether nothing is to be made for it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<string?> FindCachedAsync(string image, bool isDry, CancellationToken cancellationToken);
}
