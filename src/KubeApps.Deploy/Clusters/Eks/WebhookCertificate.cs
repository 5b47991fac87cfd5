using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>With what a controller proves to the API server that its webhooks are its own: a certificate, and the authority that signed it and nothing else. In base64 of PEM, as a secret holds it.</summary>
internal sealed record WebhookCertificate(string Authority, string Certificate, string Key)
{
    // As the project's chart has it.
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);
    private static readonly TimeSpan Reserve = TimeSpan.FromDays(180);

    /// <summary>A new one for a service.</summary>
    public static WebhookCertificate New(string service, string ns, DateTimeOffset now)
    {
        var (from, to) = (now - TimeSpan.FromHours(1), now + Validity);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest($"CN={service}-ca", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={service}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName($"{service}.{ns}");
        names.AddDnsName($"{service}.{ns}.svc");
        names.AddDnsName($"{service}.{ns}.svc.cluster.local");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var signed = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        return new WebhookCertificate(Encode(authority.ExportCertificatePem()), Encode(signed.ExportCertificatePem()), Encode(key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>The one that is in use, if it is whole and good for a while yet.</summary>
    public static WebhookCertificate? Read(JsonObject? secret, DateTimeOffset now)
    {
        if (secret?["data"] is not JsonObject data || (string?)data["ca.crt"] is not { } authority || (string?)data["tls.crt"] is not { } certificate || (string?)data["tls.key"] is not { } key)
            return null;
        try
        {
            using var parsed = X509Certificate2.CreateFromPem(Decode(certificate), Decode(key));
            return parsed.NotAfter > now + Reserve ? new WebhookCertificate(authority, certificate, key) : null;
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private static string Decode(string text) => Encoding.ASCII.GetString(Convert.FromBase64String(text));
}
