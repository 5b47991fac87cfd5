namespace KubeApps.Deploy.Aws.Iam;

internal sealed record CreateOpenIDConnectProviderRequest(string Url)
{
    public IReadOnlyList<string>? ClientIDList { get; init; }

    public IReadOnlyList<string>? ThumbprintList { get; init; }

    public IReadOnlyList<Tag>? Tags { get; init; }
}

internal sealed record CreateOpenIDConnectProviderResponse(string OpenIDConnectProviderArn);

internal sealed record GetOpenIDConnectProviderRequest(string OpenIDConnectProviderArn);

internal sealed record GetOpenIDConnectProviderResponse(string Url, IReadOnlyList<string>? ClientIDList, DateTimeOffset CreateDate, IReadOnlyList<Tag>? Tags);

internal sealed record ListOpenIDConnectProvidersResponse(IReadOnlyList<OpenIDConnectProviderListEntry>? OpenIDConnectProviderList);

internal sealed record OpenIDConnectProviderListEntry(string Arn);

internal sealed record DeleteOpenIDConnectProviderRequest(string OpenIDConnectProviderArn);
