using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Cli.Tests;

/// <summary>
/// Ways into AWS for which the SDK looks its clients up by name, so that no compiler sees that they are needed: the tool as one native program has them, too.
/// A few lines of a server stand in for STS and the SSO portal, which the stand-in of AWS does not have.
/// </summary>
/// <seealso href="https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html"/>
public sealed class AwsProfileTests(ToolProcess tool) : IClassFixture<ToolProcess>, IAsyncLifetime
{
    private const string Region = "eu-central-1";
    private const string Role = "arn:aws:iam::123456789012:role/deployer";

    private readonly ConcurrentQueue<string> _keys = [];
    private WebApplication _aws = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _aws = builder.Build();
        _aws.Run(AnswerAsync);
        await _aws.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await _aws.DisposeAsync();

    [Fact]
    public async Task Profile_ThatTakesOnARole_IsEnteredInThatRole()
    {
        var variables = Files("role", $"[profile role]\nrole_arn = {Role}\nsource_profile = keys\n", "[keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = secret\n");

        await VerifyEntersAsync(variables, "AKIAKEYS", "ASIAROLE");
    }

    [Fact]
    public async Task WebIdentity_OfAWorkflow_IsEnteredInItsRole()
    {
        var variables = Files("web", "", "");
        var token = Path.Combine(tool.Home, "web-identity");
        await File.WriteAllTextAsync(token, "token", TestContext.Current.CancellationToken);
        (variables["AWS_PROFILE"], variables["AWS_ROLE_ARN"], variables["AWS_WEB_IDENTITY_TOKEN_FILE"]) = (null, Role, token);

        await VerifyEntersAsync(variables, "", "ASIAROLE");
    }

    [Fact]
    public async Task Profile_ThatLogsInWithSso_IsEnteredWithItsTokenRenewed()
    {
        var variables = Files("sso", "[profile sso]\nsso_session = acme\nsso_account_id = 123456789012\nsso_role_name = deployer\n"
            + $"[sso-session acme]\nsso_region = {Region}\nsso_start_url = https://acme.example/start\nsso_registration_scopes = sso:account:access\n", "");
        var cache = Directory.CreateDirectory(Path.Combine(variables["HOME"]!, ".aws", "sso", "cache"));
        var ended = DateTimeOffset.UtcNow.AddMinutes(-1);
        await File.WriteAllTextAsync(
            Path.Combine(cache.FullName, Convert.ToHexStringLower(SHA1.HashData("acme"u8)) + ".json"),
            $$"""{"startUrl":"https://acme.example/start","region":"{{Region}}","accessToken":"old","expiresAt":"{{ended:yyyy-MM-ddTHH:mm:ssZ}}","clientId":"c","clientSecret":"s","registrationExpiresAt":"{{ended.AddYears(1):yyyy-MM-ddTHH:mm:ssZ}}","refreshToken":"r"}""",
            TestContext.Current.CancellationToken);

        await VerifyEntersAsync(variables, "", "", "ASIASSO");
    }

    private async Task VerifyEntersAsync(Dictionary<string, string?> variables, params string[] keys)
    {
        var (exit, output, error) = await tool.RunAsync(variables, "fleet", "list", "--eks", Region);

        Assert.True(exit == 0, error);
        Assert.Equal("0 apps in 0 clusters.\n", output + error);
        // At last it asks EKS.
        Assert.Equal([.. keys, keys[^1]], _keys);
    }

    private Dictionary<string, string?> Files(string profile, string config, string credentials)
    {
        var home = Directory.CreateDirectory(Path.Combine(tool.Home, profile)).FullName;
        File.WriteAllText(Path.Combine(home, "config"), config);
        File.WriteAllText(Path.Combine(home, "credentials"), credentials);
        return new()
        {
            ["HOME"] = home,
            ["AWS_PROFILE"] = profile,
            ["AWS_REGION"] = Region,
            ["AWS_ENDPOINT_URL"] = _aws.Urls.Single(),
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_CONFIG_FILE"] = Path.Combine(home, "config"),
            ["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(home, "credentials"),
        };
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var (path, body) = (context.Request.Path.Value!, await reader.ReadToEndAsync());
        _keys.Enqueue(((string?)context.Request.Headers.Authorization ?? "").Split("Credential=") is [_, var rest] ? rest.Split('/')[0] : "");
        await context.Response.WriteAsync((path, body) switch
        {
            ("/token", _) => """{"accessToken":"new","expiresIn":3600,"refreshToken":"r","tokenType":"Bearer"}""",
            ("/federation/credentials", _) => """{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":4000000000000} }""",
            ("/clusters", _) => """{"clusters":[]}""",
            _ when body.StartsWith("Action=GetCallerIdentity&", StringComparison.Ordinal) => Xml("GetCallerIdentity", $"<Arn>{Role}</Arn><UserId>A:s</UserId><Account>123456789012</Account>"),
            _ => Xml(
                body["Action=".Length..body.IndexOf('&')],
                $"<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"),
        });
    }

    private static string Xml(string action, string result) =>
        $"<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>{result}</{action}Result></{action}Response>";
}
