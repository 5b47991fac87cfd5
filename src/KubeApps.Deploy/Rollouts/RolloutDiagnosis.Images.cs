using System.Text.Json.Nodes;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

// Images that do not come.
internal static partial class RolloutDiagnosis
{
    // What trying again does not change: it brings the same image, to the same disk, from the same registry.
    private static readonly string[] Lasting =
    [
        "no match for platform", "exec format", "invalid reference", "is refused:", "failed to extract layer", "no space left on device", "not runnable here",
        "server gave HTTP response to HTTPS client", "certificate signed by unknown authority",
    ];

    private static Finding OfPull(
        RolloutView view, JsonObject pod, JsonObject container, string message, Func<DiagnosticDescriptor, string, bool, Finding> say)
    {
        var image = (string?)container["image"] ?? "";
        // In the back-off some kubelets leave the cause out of the state; the event has it.
        var told = view.EventsAbout(pod, "Failed").Select(item => (string?)item["message"] ?? "").LastOrDefault(text => text.Contains($"\"{image}\"", StringComparison.Ordinal));
        var text = $"{message} {told}";
        var cause = Cause(message, image);
        // Some registries do not say which of the two it is: whether a private repository exists is nobody's business.
        if (Has(text, "pull access denied", "may require authorization", "may require 'docker login'"))
            return say(DiagnosticDescriptors.ImageDenied, $"The registry denies the image {image}, or does not have it: {cause}", true);
        if (Has(text, "not found", "NotFound", "manifest unknown", "name unknown", "does not exist"))
            return say(DiagnosticDescriptors.ImageNotFound, $"The image {image} does not exist.", true);
        if (Has(text, "unauthorized", "denied", "no basic auth", " 401", " 403"))
            return say(DiagnosticDescriptors.ImageDenied, $"The registry denies the image {image}: {cause}", true);
        // A name server may not have answered; of a name that does not exist it says so again.
        var isLasting = Has(text, Lasting)
            || (Has(text, "no such host") && (string?)container["state"]?["waiting"]?["reason"] == "ImagePullBackOff" && IsOlderThan(view, pod["status"]?["startTime"], Starting));
        return say(DiagnosticDescriptors.ImagePullFails, $"The image {image} cannot be pulled: {cause}", isLasting);
    }

    /// <summary>What follows the image's name where a runtime names it last: before that it only tells what it was about to do.</summary>
    private static string Cause(string message, string image)
    {
        var text = Essence(message).Replace("pull access denied, repository does not exist or may require authorization: ", "", StringComparison.Ordinal);
        var named = text.LastIndexOf($"\"{image}\": ", StringComparison.Ordinal);
        return named < 0 ? text : text[(named + image.Length + 4)..];
    }
}
