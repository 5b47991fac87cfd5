namespace KubeApps.Deploy.Images;

/// <summary>User name and password, or a token in place of a password.</summary>
internal sealed record RegistryCredentials(string User, string Password)
{
    /// <summary>Without the password: this may end up in a message.</summary>
    public override string ToString() => $"user {User}";
}

/// <summary>Where images go.</summary>
/// <param name="Host">Host and port: <c>registry.example.com</c>, <c>localhost:5000</c>.</param>
/// <param name="Prefix">What all repositories begin with: <c>team/shop</c>; may be empty.</param>
/// <param name="Credentials">When they are known beforehand; else docker's configuration is asked.</param>
internal sealed record ImageRegistry(string Host, string Prefix, RegistryCredentials? Credentials)
{
    /// <summary>What it wants before a push and after it; null where a push is all.</summary>
    public IImageRepositories? Repositories { get; init; }

    /// <summary>A place as the specification writes it: <c>registry.example.com/team</c>.</summary>
    public static ImageRegistry Parse(string place, RegistryCredentials? credentials = null)
    {
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? new ImageRegistry(place, "", credentials)
            : new ImageRegistry(place[..slash], place[(slash + 1)..].Trim('/'), credentials);
    }

    /// <summary>The path of a repository in this registry.</summary>
    public string PathOf(string name) => Prefix.Length == 0 ? name : $"{Prefix}/{name}";

    /// <summary>Makes a repository where it is missing and a push does not make it.</summary>
    public Task EnsureAsync(string path, CancellationToken cancellationToken) => Repositories?.EnsureAsync(path, cancellationToken) ?? Task.CompletedTask;

    /// <summary>Waits until what was pushed is everywhere where it is to be.</summary>
    public Task AwaitAsync(string path, string digest, CancellationToken cancellationToken) => Repositories?.AwaitAsync(path, digest, cancellationToken) ?? Task.CompletedTask;

    /// <summary>Where an image of another registry is in this one, where this one caches it.</summary>
    public Task<string?> FindCachedAsync(string image, bool isDry, CancellationToken cancellationToken) => Repositories?.FindCachedAsync(image, isDry, cancellationToken) ?? Task.FromResult<string?>(null);

    /// <summary>Plain http for this machine and for what the SDK is told to be insecure; the SDK has the same rule.</summary>
    public bool IsPlain(Func<string, string?> readVariable) =>
        Host.Split(':')[0] is "localhost" or "127.0.0.1"
        || (readVariable("DOTNET_CONTAINER_INSECURE_REGISTRIES") ?? "")
            .Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Contains(Host, StringComparer.OrdinalIgnoreCase);
}
