namespace KubeApps.Deploy.GitHub;

/// <summary>A repository on GitHub, or on an Enterprise Server.</summary>
/// <param name="Api">Where the REST API answers: <c>https://api.github.com/</c>, or <c>https://HOST/api/v3/</c>. Ends with a slash.</param>
/// <param name="Owner">The user or organization.</param>
/// <param name="Name">Its name.</param>
internal sealed record GitHubRepository(Uri Api, string Owner, string Name)
{
    /// <summary>As people write it: <c>owner/name</c>.</summary>
    public string FullName => $"{Owner}/{Name}";

    /// <summary>The page that shows what was deployed to an environment.</summary>
    public string DeploymentsPage(string environment)
    {
        var site = GitHubAddress.IsPublic(Api) ? $"https://{Api.Authority["api.".Length..]}" : Api.GetLeftPart(UriPartial.Authority);
        return $"{site}/{Uri.EscapeDataString(Owner)}/{Uri.EscapeDataString(Name)}/deployments/{Uri.EscapeDataString(environment)}";
    }

    public override string ToString() => FullName;
}

/// <summary>A repository and what opens it. Prints without its token.</summary>
internal sealed record GitHubAccess(GitHubRepository Repository, string Token)
{
    public override string ToString() => Repository.ToString();
}
