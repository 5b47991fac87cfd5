using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeApps.Sandbox.Hosting;

/// <summary>
/// What the sandbox shows and what it asks for: a server certificate of a certificate authority of its own, and a bearer token. Made once
/// for each home; the certificates again when they are about to expire. The authority's key is thrown away after its one signature.
/// </summary>
internal sealed class SandboxIdentity : IDisposable
{
    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(365);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private readonly byte[] _token;

    private SandboxIdentity(X509Certificate2 certificate, string authorityFile, string token)
    {
        Certificate = certificate;
        AuthorityFile = authorityFile;
        Token = token;
        _token = Encoding.UTF8.GetBytes(token);
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The path of the authority's certificate (PEM).</summary>
    public string AuthorityFile { get; }

    /// <summary>256 random bits.</summary>
    public string Token { get; }

    public static SandboxIdentity LoadOrCreate(SandboxHome home, TimeProvider clock)
    {
        var tokenFile = Path.Combine(home.Identity, "token");
        var token = File.Exists(tokenFile) ? File.ReadAllText(tokenFile).Trim() : "";
        if (token.Length != 64)
        {
            token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            AtomicFile.Write(tokenFile, Encoding.UTF8.GetBytes(token));
        }

        var authorityFile = Path.Combine(home.Identity, "ca.crt");
        var certificateFile = Path.Combine(home.Identity, "server.crt");
        var keyFile = Path.Combine(home.Identity, "server.key");
        var certificate = File.Exists(authorityFile) ? Load(certificateFile, keyFile) : null;
        if (certificate is null || certificate.NotAfter.ToUniversalTime() - RenewBefore < clock.GetUtcNow().UtcDateTime)
        {
            certificate?.Dispose();
            certificate = Create(authorityFile, certificateFile, keyFile, clock.GetUtcNow());
        }

        return new SandboxIdentity(certificate, authorityFile, token);
    }

    /// <summary>Compares in constant time.</summary>
    public bool Accepts(string? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), _token);

    public void Dispose() => Certificate.Dispose();

    private static X509Certificate2? Load(string certificateFile, string keyFile)
    {
        try
        {
            return ForServer(X509Certificate2.CreateFromPemFile(certificateFile, keyFile));
        }
        catch (Exception e) when (e is CryptographicException or IOException)
        {
            return null; // Not there yet, or torn: made anew.
        }
    }

    private static X509Certificate2 Create(string authorityFile, string certificateFile, string keyFile, DateTimeOffset now)
    {
        var from = now.AddHours(-1); // Clocks differ, also between a host and its virtual machines.
        var until = now + CertificateLifetime;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=KubeApps sandbox CA", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(from, until);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubeapps-sandbox", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(16));

        // The authority last: its absence means that the rest is not to be trusted.
        File.Delete(authorityFile);
        AtomicFile.Write(keyFile, Encoding.UTF8.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        AtomicFile.Write(certificateFile, Encoding.UTF8.GetBytes(signed.ExportCertificatePem()));
        AtomicFile.Write(authorityFile, Encoding.UTF8.GetBytes(authority.ExportCertificatePem()));
        return ForServer(signed.CopyWithPrivateKey(key));
    }

    private static X509Certificate2 ForServer(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
            return certificate;
        // Windows' TLS takes no key that lives in memory only.
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
