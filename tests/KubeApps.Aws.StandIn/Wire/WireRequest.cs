using System.Text;
using System.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeApps.Aws.StandIn.Wire;

/// <summary>A request as it came over the wire: nothing decoded, nothing put right.</summary>
internal sealed record WireRequest(string Method, string RawPath, string RawQuery, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The decoded names and values of the query, in their order.</summary>
    public IReadOnlyList<(string Name, string Value)> Query => Pairs(RawQuery);

    public static async Task<WireRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return new WireRequest(
            context.Request.Method, mark < 0 ? target : target[..mark], mark < 0 ? "" : target[(mark + 1)..],
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
    }

    public static IReadOnlyList<(string Name, string Value)> Pairs(string text) =>
        [.. text.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => (HttpUtility.UrlDecode(pair[0]), pair.Length > 1 ? HttpUtility.UrlDecode(pair[1]) : ""))];

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
