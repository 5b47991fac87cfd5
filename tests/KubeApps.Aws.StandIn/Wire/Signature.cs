using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeApps.Aws.StandIn.Wire;

/// <summary>What a request says about who signed it: in its header, or in its address where it is presigned.</summary>
/// <seealso href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"/>
internal sealed partial record Signature(string AccessKey, string Date, string Region, string Service, IReadOnlyList<string> SignedHeaders, string Value)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>When it was signed.</summary>
    public required DateTimeOffset SignedAt { get; init; }

    /// <summary>With an address that is presigned: how long it is good for.</summary>
    public TimeSpan? Lifetime { get; init; }

    public string? SessionToken { get; init; }

    private string Scope => $"{Date}/{Region}/{Service}/aws4_request";

    /// <summary>The signature of a request; null where it has none that could be read.</summary>
    public static Signature? Of(WireRequest request)
    {
        var query = request.Query.GroupBy(pair => pair.Name).ToDictionary(pair => pair.Key, pair => pair.First().Value);
        if (query.ContainsKey("X-Amz-Signature"))
        {
            return query.GetValueOrDefault("X-Amz-Algorithm") == Algorithm && query.GetValueOrDefault("X-Amz-Credential")?.Split('/') is [var key, var day, var place, var name, "aws4_request"]
                && Time(query.GetValueOrDefault("X-Amz-Date")) is { } time
                ? new Signature(key, day, place, name, query.GetValueOrDefault("X-Amz-SignedHeaders", "").Split(';'), query["X-Amz-Signature"])
                {
                    SignedAt = time,
                    Lifetime = TimeSpan.FromSeconds(int.Parse(query.GetValueOrDefault("X-Amz-Expires", "0"), CultureInfo.InvariantCulture)),
                    SessionToken = query.GetValueOrDefault("X-Amz-Security-Token"),
                }
                : null;
        }

        return Authorization().Match(request.Header("Authorization") ?? "") is { Success: true } match && Time(request.Header("X-Amz-Date")) is { } signedAt
            ? new Signature(
                match.Groups["key"].Value, match.Groups["date"].Value, match.Groups["region"].Value, match.Groups["service"].Value,
                match.Groups["headers"].Value.Split(';'), match.Groups["signature"].Value)
            {
                SignedAt = signedAt,
                SessionToken = request.Header("X-Amz-Security-Token"),
            }
            : null;
    }

    /// <summary>Why the signature is not the one that these credentials make; null where it is.</summary>
    public string? Mismatch(WireRequest request, string secretKey)
    {
        if (request.Header("X-Amz-Content-SHA256") is { } said && said != "UNSIGNED-PAYLOAD" && said != Hash(request.Body))
            return "the hash of the body is another one than X-Amz-Content-SHA256 says";
        if (Date != SignedAt.ToString("yyyyMMdd", CultureInfo.InvariantCulture))
            return "the day of the credential's scope is another one than that of X-Amz-Date";
        if (!SignedHeaders.Contains("host"))
            return "the host is not signed";
        if (Lifetime is null && request.Headers.Keys.FirstOrDefault(name => name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !SignedHeaders.Contains(name.ToLowerInvariant())) is { } unsigned)
            return $"the header {unsigned} is not signed";
        var canonical = Canonical(request);
        var toSign = $"{Algorithm}\n{SignedAt.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}\n{Scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}";
        var key = new[] { Date, Region, Service, "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes($"AWS4{secretKey}"), Keyed);
        var expected = Convert.ToHexStringLower(Keyed(key, toSign));
        return expected == Value ? null : $"the signature does not match; what AWS signs is:\n{canonical}";
    }

    private static byte[] Keyed(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParseExact(text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private string Canonical(WireRequest request)
    {
        // What is sent escaped is escaped again.
        var path = string.Join('/', request.RawPath.Split('/').Select(Uri.EscapeDataString));
        var query = string.Join('&', request.Query.Where(pair => pair.Name != "X-Amz-Signature")
            .Select(pair => (Name: Uri.EscapeDataString(pair.Name), Value: Uri.EscapeDataString(pair.Value)))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}"));
        var headers = string.Concat(SignedHeaders.Select(name => $"{name}:{Spaces().Replace((request.Header(name) ?? "").Trim(), " ")}\n"));
        var body = request.Header("X-Amz-Content-SHA256") ?? Hash(request.Body);
        return $"{request.Method}\n{path}\n{query}\n{headers}\n{string.Join(';', SignedHeaders)}\n{body}";
    }

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=(?<key>[^/,]+)/(?<date>[0-9]{8})/(?<region>[^/,]+)/(?<service>[^/,]+)/aws4_request, *SignedHeaders=(?<headers>[^,]+), *Signature=(?<signature>[0-9a-f]{64})$")]
    private static partial Regex Authorization();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
