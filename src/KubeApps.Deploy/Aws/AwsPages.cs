using Amazon.Runtime;

namespace KubeApps.Deploy.Aws;

/// <summary>Lists that AWS gives in pages.</summary>
internal static class AwsPages
{
    /// <summary>All items of a list.</summary>
    /// <param name="ask">Asks for the page after a token; the first has none.</param>
    /// <param name="read">What is on a page, and the token of the next one.</param>
    /// <exception cref="AmazonClientException">AWS names the same page twice.</exception>
    public static async Task<IReadOnlyList<TItem>> AllAsync<TPage, TItem>(Func<string?, Task<TPage>> ask, Func<TPage, (IEnumerable<TItem>? Items, string? Next)> read)
    {
        List<TItem> all = [];
        string? token = null;
        do
        {
            var (items, next) = read(await ask(token));
            all.AddRange(items ?? []);
            if (next is { Length: > 0 } && next == token)
                throw new AmazonClientException("AWS names the same page of a list twice.");
            token = next;
        }
        while (token is { Length: > 0 });
        return all;
    }
}
