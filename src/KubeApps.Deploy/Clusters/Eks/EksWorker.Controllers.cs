using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

// What is done through the cluster's own API.
internal sealed partial class EksWorker
{
    private const string WebhookService = "aws-load-balancer-webhook-service";
    private const string WebhookSecret = "aws-load-balancer-tls";
    private const string ManagedBy = "app.kubernetes.io/managed-by";

    private async Task<string> EnsureControllerAsync(EksController controller, string version, StepProgress progress, CancellationToken cancellationToken)
    {
        var cluster = await ActiveClusterAsync(progress, cancellationToken);
        using var connection = connect(cluster);
        try
        {
            var there = await WhenLetInAsync(
                progress, () => connection.Client.GetAsync(ResourceType.Deployment, EksController.Namespace, controller.Name, cancellationToken), cancellationToken);
            var isForeign = there is not null && (string?)there["metadata"]?["labels"]?[ManagedBy] != EksTags.Us;
            if (!isForeign)
                await ApplyAsync(controller, version, cluster, connection, progress, cancellationToken);
            // What runs cannot be seen from outside: whoever plans next reads it here.
            if ((await PodIdentityAsync(EksController.Namespace, controller.Name, cancellationToken))?.AssociationArn is { } arn)
                await _access.Eks.TagResourceAsync(new(arn, new Dictionary<string, string> { [EksTags.Version] = controller.Installed(version) }), cancellationToken);
            return isForeign ? "another one is there, which is left as it is" : version;
        }
        catch (ApiException refusal)
        {
            throw new DiagnosticException(ApiDiagnostics.For(refusal, $"{controller.Name} in {Name}"), refusal);
        }
    }

    private async Task ApplyAsync(EksController controller, string version, Aws.Eks.Cluster cluster, ClusterConnection connection, StepProgress progress, CancellationToken cancellationToken)
    {
        var secret = await connection.Client.GetAsync(ResourceType.Secret, EksController.Namespace, WebhookSecret, cancellationToken);
        var certificate = WebhookCertificate.Read(secret, clock.GetUtcNow()) ?? WebhookCertificate.New(WebhookService, EksController.Namespace, clock.GetUtcNow());
        var objects = controller.Objects(new Dictionary<string, string>
        {
            ["cluster"] = Name,
            ["region"] = _access.Identity.Region,
            ["vpc"] = cluster.ResourcesVpcConfig?.VpcId ?? "",
            ["tags"] = string.Join(',', Tags().Select(tag => $"{tag.Key}={tag.Value}")),
            ["version"] = version,
            ["authority"] = certificate.Authority,
            ["certificate"] = certificate.Certificate,
            ["key"] = certificate.Key,
        });
        await connection.Catalog.EnsureAsync([.. objects.Select(item => (string)item["apiVersion"]!).Distinct()], cancellationToken);
        var webhooks = objects.Where(IsWebhook).ToList();
        foreach (var item in objects.Except(webhooks))
            await ApplyAsync(item);
        await UntilAsync(async () =>
        {
            var status = WorkloadStatus.Of(await connection.Client.GetAsync(ResourceType.Deployment, EksController.Namespace, controller.Name, cancellationToken));
            progress.Say(status.Message);
            return status.State switch
            {
                WorkloadState.Current => status,
                WorkloadState.Failed => throw new DiagnosticException(DiagnosticDescriptors.ClusterResourceFailed.Because(
                    $"{controller.Name} does not come up in {Name}: {status.Message}", nextStep: $"Look at its pods: kubectl -n {EksController.Namespace} describe pods -l app.kubernetes.io/name={controller.Name}; then run it again.")),
                _ => null,
            };
        }, cancellationToken);
        // Nobody's objects wait for one that does not answer yet.
        foreach (var item in webhooks)
            await ApplyAsync(item);

        Task<JsonObject> ApplyAsync(JsonObject item) => connection.Client.ApplyAsync(
            connection.Catalog.Find((string)item["apiVersion"]!, (string)item["kind"]!) ?? throw new DiagnosticException(DiagnosticDescriptors.ClusterResourceFailed.Because(
                $"The API of {Name} does not serve {item["kind"]} ({item["apiVersion"]}), which {controller.Name} needs.")),
            item, dryRun: false, cancellationToken, force: true);
    }

    // EKS drains, too, but ends what has not moved after a quarter of an hour, whatever its disruption budget says.
    private async Task<string> DrainNodegroupAsync(string name, StepProgress progress, CancellationToken cancellationToken)
    {
        using var connection = connect(await ActiveClusterAsync(progress, cancellationToken));
        var drain = new NodeDrain(connection.Client, $"eks.amazonaws.com/nodegroup={name}");
        try
        {
            return await UntilAsync(async () =>
            {
                if (await WhenLetInAsync(progress, () => drain.GoOnAsync(cancellationToken), cancellationToken) is not { } kept)
                    return "its pods have moved";
                progress.Say(kept);
                return null;
            }, cancellationToken);
        }
        catch (ApiException refusal)
        {
            throw new DiagnosticException(ApiDiagnostics.For(refusal, $"The node group {name} of {Name}"), refusal);
        }
    }

    private static bool IsWebhook(JsonObject item) => ((string)item["apiVersion"]!).StartsWith("admissionregistration.k8s.io/", StringComparison.Ordinal);

    /// <summary>An entry that was just made lets in only a moment later.</summary>
    private async Task<T> WhenLetInAsync<T>(StepProgress progress, Func<Task<T>> request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await request();
            }
            catch (ApiException refusal) when (refusal.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden && progress.Age < RolePatience)
            {
                progress.Say("not let in yet");
            }

            await Task.Delay(Poll, clock, cancellationToken);
        }
    }
}
