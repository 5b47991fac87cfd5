using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using KubeApps.Aws.StandIn;

namespace KubeApps.Deploy.Tests.Aws.StandIn;

/// <summary>Requests that no client would make, with a signature that fits them.</summary>
internal static class HandSigned
{
    public static async Task<(HttpStatusCode Status, string Text)> SendAsync(
        StandInAccount account, string service, string method, string target, string? body = null, string? type = null, TimeSpan age = default, Action<HttpRequestMessage>? change = null)
    {
        var time = DateTimeOffset.UtcNow - age;
        var (stamp, day) = (time.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture), time.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
        var (path, query) = (target.Split('?')[0], target.Split('?').Skip(1).FirstOrDefault() ?? "");
        var (user, scope) = (account.User, $"{day}/{account.Region}/{service}/aws4_request");
        var sorted = string.Join('&', query.Split('&').Order(StringComparer.Ordinal));
        var canonical = $"{method}\n{path}\n{sorted}\nhost:{account.Endpoint.Authority}\nx-amz-date:{stamp}\n\nhost;x-amz-date\n{Hash(body ?? "")}";
        var key = new[] { day, account.Region, service, "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes($"AWS4{user.SecretKey}"), Keyed);
        var signature = Convert.ToHexStringLower(Keyed(key, $"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{Hash(canonical)}"));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(account.Endpoint, target));
        request.Headers.Add("X-Amz-Date", stamp);
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential={user.AccessKey}/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}");
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, type!);
        change?.Invoke(request);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static byte[] Keyed(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
