using System.Diagnostics;
using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>An account of the stand-in as the product enters it.</summary>
internal static class EksAccount
{
    extension(StandInAccount account)
    {
        public AwsSettings Settings => new()
        {
            Account = account.Id,
            Region = account.Region,
            Credentials = account.Credentials,
            Endpoint = account.Endpoint,
        };

        /// <summary>Kills a process at its n-th write: that is done, but nobody hears of it. Null: at none.</summary>
        /// <returns>Whether it was killed.</returns>
        public Func<bool> KillAtWrite(Process process, int? number)
        {
            var (writes, isKilled) = (0, false);
            account.Next(1, Fault.CutAfter, request =>
            {
                if (request.IsRead || ++writes != number)
                    return false;
                process.Kill();
                return isKilled = true;
            });
            return () => isKilled;
        }

        public AWSCredentials Credentials => new BasicAWSCredentials(account.User.AccessKey, account.User.SecretKey);

        /// <summary>A cluster with what tells whose it is, or with other tags; in a network of its own, or in the one that is named.</summary>
        public async Task NewClusterAsync(string name, ClusterOwner? owner, IReadOnlyDictionary<string, string>? tags = null, string? version = null, StandInNetwork? network = null)
        {
            using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
            var request = new CreateClusterRequest(name, account.PlantRole($"{name}-role", "eks.amazonaws.com"), new VpcConfigRequest { SubnetIds = (network ?? account.PlantNetwork()).PrivateSubnets })
            {
                Version = version,
                Tags = owner is null ? tags : EksTags.Of(owner, name),
                AccessConfig = new CreateAccessConfigRequest(AuthenticationMode.Api, BootstrapClusterCreatorAdminPermissions: true),
            };
            await access.Eks.CreateClusterAsync(request, TestContext.Current.CancellationToken);
        }

        /// <summary>Machines of a cluster that is ready, as its owner's.</summary>
        public async Task NewNodegroupAsync(string cluster, ClusterOwner owner, string name, string version)
        {
            using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
            var network = (await access.Eks.DescribeClusterAsync(new(cluster), TestContext.Current.CancellationToken)).Cluster.ResourcesVpcConfig!;
            var request = new CreateNodegroupRequest(cluster, name, network.SubnetIds!, account.PlantRole($"{cluster}-{name}", "ec2.amazonaws.com"))
            {
                Version = version,
                InstanceTypes = ["m5.large"],
                Tags = EksTags.Of(owner, cluster),
            };
            await access.Eks.CreateNodegroupAsync(request, TestContext.Current.CancellationToken);
        }
    }
}
