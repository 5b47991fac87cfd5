using System.Diagnostics.CodeAnalysis;
using Amazon;
using Amazon.EC2;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Amazon.SSO;
using Amazon.SSOOIDC;
using KubeApps.Deploy.Aws.CloudWatch;
using KubeApps.Deploy.Aws.CloudWatchLogs;
using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Aws.ElasticLoadBalancingV2;
using KubeApps.Deploy.Aws.Iam;
using KubeApps.Deploy.Aws.Protocols;
using KubeApps.Deploy.Aws.Route53;
using KubeApps.Deploy.Aws.ServiceQuotas;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Aws;

/// <summary>An account and a region of AWS, entered: it is known who we are there, and that it is where we shall be. Its clients live as long as it does.</summary>
internal sealed class AwsAccess : IDisposable
{
    private readonly AwsSettings _settings;
    private readonly RegionEndpoint _region;
    private readonly Lazy<AmazonEKSClient> _eks;
    private readonly Lazy<AmazonECRClient> _ecr;
    private readonly Lazy<AmazonIdentityManagementServiceClient> _iam;
    private readonly Lazy<AmazonRoute53Client> _route53;
    private readonly Lazy<AmazonElasticLoadBalancingV2Client> _balancing;
    private readonly Lazy<AmazonCloudWatchClient> _cloudWatch;
    private readonly Lazy<AmazonCloudWatchLogsClient> _logs;
    private readonly Lazy<AmazonServiceQuotasClient> _quotas;
    private readonly Lazy<AmazonEC2Client> _ec2;

    private AwsAccess(AwsSettings settings, RegionEndpoint region, AWSCredentials credentials, AmazonSecurityTokenServiceClient sts, AwsIdentity identity)
    {
        (_settings, _region, Credentials, Sts, Identity) = (settings, region, credentials, sts, identity);
        _eks = new(() => new(Credentials, Config(AmazonEKSClient.Service)));
        _ecr = new(() => new(Credentials, Config(AmazonECRClient.Service)));
        _iam = new(() => new(Credentials, Config(AmazonIdentityManagementServiceClient.Service)));
        _route53 = new(() => new(Credentials, Config(AmazonRoute53Client.Service)));
        _balancing = new(() => new(Credentials, Config(AmazonElasticLoadBalancingV2Client.Service)));
        _cloudWatch = new(() => new(Credentials, Config(AmazonCloudWatchClient.Service)));
        _logs = new(() => new(Credentials, Config(AmazonCloudWatchLogsClient.Service)));
        _quotas = new(() => new(Credentials, Config(AmazonServiceQuotasClient.Service)));
        _ec2 = new(() => new(Credentials, _settings.Apply(new AmazonEC2Config(), _region)));
    }

    /// <summary>Where we are, and as whom.</summary>
    public AwsIdentity Identity { get; }

    public AWSCredentials Credentials { get; }

    public IAmazonSecurityTokenService Sts { get; }

    public IAmazonEC2 Ec2 => _ec2.Value;

    public AmazonEKSClient Eks => _eks.Value;

    public AmazonECRClient Ecr => _ecr.Value;

    public AmazonIdentityManagementServiceClient Iam => _iam.Value;

    public AmazonRoute53Client Route53 => _route53.Value;

    public AmazonElasticLoadBalancingV2Client LoadBalancing => _balancing.Value;

    public AmazonCloudWatchClient CloudWatch => _cloudWatch.Value;

    public AmazonCloudWatchLogsClient Logs => _logs.Value;

    public AmazonServiceQuotasClient Quotas => _quotas.Value;

    /// <summary>Enters: finds credentials and region, and asks AWS who we are.</summary>
    /// <exception cref="DiagnosticException">There are no credentials, AWS refuses them, or they are of another account.</exception>
    public static async Task<AwsAccess> OpenAsync(AwsSettings settings, CancellationToken cancellationToken)
    {
        AmazonSecurityTokenServiceClient? sts = null;
        try
        {
            var config = new AmazonSecurityTokenServiceConfig();
            var region = AwsRegions.Find(settings);
            settings.Apply(config, region);
            // Where nobody answers it is said soon.
            config.MaxErrorRetry = Math.Min(config.MaxErrorRetry, 2);
            var credentials = settings.Credentials ?? await FindCredentialsAsync(config, cancellationToken);
            sts = new AmazonSecurityTokenServiceClient(credentials, config);
            var caller = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellationToken);
            var identity = new AwsIdentity(caller.Account, region.SystemName, caller.Arn);
            if (settings.Account is { } account && account != identity.Account)
                throw new DiagnosticException(DiagnosticDescriptors.AwsWrongAccount.Because($"The credentials are of the account {identity.Account} ({identity.Arn}); the environment is in {account}."));
            return new(settings, region, credentials, sts, identity);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            sts?.Dispose();
            if (AwsRefusal.Diagnose(failure, "sts:GetCallerIdentity") is { } diagnostic)
                throw new DiagnosticException(diagnostic, failure);
            throw;
        }
    }

    /// <summary>Asks AWS. Credentials that were over before they said so are fetched anew, once; so what is asked must bear to be done again.</summary>
    /// <param name="what">What is asked, for whoever reads why it was refused.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DiagnosticException">AWS refuses it.</exception>
    public async Task<T> AskAsync<T>(string what, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return await ask();
            }
            catch (AmazonServiceException failure) when (!cancellationToken.IsCancellationRequested && AwsRefusal.KindOf(failure) == AwsFailure.Credentials && RenewCredentials())
            {
                return await ask();
            }
        }
        catch (Exception failure) when (AwsRefusal.DiagnoseUnlessOver(failure, what, cancellationToken) is { } diagnostic)
        {
            throw new DiagnosticException(diagnostic, failure);
        }
    }

    // With the next request they are fetched. False: they are what they are.
    private bool RenewCredentials()
    {
        if (Credentials is not RefreshingAWSCredentials renewable)
            return false;
        renewable.ClearCredentials();
        return true;
    }

    public void Dispose()
    {
        Sts.Dispose();
        Dispose(_eks);
        Dispose(_ecr);
        Dispose(_iam);
        Dispose(_route53);
        Dispose(_balancing);
        Dispose(_cloudWatch);
        Dispose(_logs);
        Dispose(_quotas);
        Dispose(_ec2);

        static void Dispose<T>(Lazy<T> client)
            where T : IDisposable
        {
            if (client.IsValueCreated)
                client.Value.Dispose();
        }
    }

    // The SDK looks these up by name, for profiles that log in with SSO or take on a role: they may not be left out of a native program.
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSecurityTokenServiceClient))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSecurityTokenServiceConfig))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSSOClient))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSSOConfig))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSSOOIDCClient))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSSOOIDCConfig))]
    private static async Task<AWSCredentials> FindCredentialsAsync(ClientConfig config, CancellationToken cancellationToken)
    {
        try
        {
            return await new DefaultAWSCredentialsIdentityResolver().ResolveIdentityAsync(config, cancellationToken);
        }
        catch (Exception failure) when (failure is AmazonClientException or ArgumentException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.AwsCredentialsMissing.Because($"No credentials of AWS are found: {AwsRefusal.Words(failure.Message)}."), failure);
        }
    }

    private AwsServiceConfig Config(AwsService service) => _settings.Apply(new AwsServiceConfig(service), _region);
}
