using System.Globalization;
using KubeApps.Sandbox.Pods.Images;

namespace KubeApps.Sandbox.Pods;

/// <summary>Pulls a container's image, again and again with growing pauses, and tells of it as the kubelet does.</summary>
internal sealed class ImagePull(PodContext context, ContainerSpec container, Action<string, string> waiting)
{
    private readonly BackOff _backOff = new(context.Services.Options, context.Services.Clock);

    /// <summary>The image, held: who gets it, releases it.</summary>
    public async Task<UnpackedImage> RunAsync(CancellationToken cancellationToken)
    {
        var services = context.Services;
        var image = container.Image;
        _backOff.AfterFailure(); // Unlike a crash, the first failure already has to wait.
        while (true)
        {
            string problem;
            var reason = "ErrImagePull";
            try
            {
                return await TryAsync(cancellationToken);
            }
            catch (ImageException e) when (e.InvalidName)
            {
                problem = $"Failed to apply default image tag \"{image}\": {e.Message}";
                reason = "InvalidImageName";
                context.Warning(container, "InspectFailed", problem);
            }
            catch (ImageException e) when (e.NeverPulled)
            {
                problem = e.Message;
                reason = "ErrImageNeverPull";
                context.Warning(container, reason, problem);
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                var known = e as ImageException;
                problem = known is { NotRunnable: true }
                    ? e.Message
                    : $"rpc error: code = {(known is { NotFound: true } ? "NotFound" : "Unknown")} desc = failed to pull and unpack image \"{image}\": {e.Message}";
                context.Warning(container, "Failed", $"Failed to pull image \"{image}\": {problem}");
            }

            context.Warning(container, "Failed", $"Error: {reason}");
            waiting(reason, problem);
            var wait = _backOff.AfterFailure();
            if (reason == "ErrImagePull")
            {
                // Long enough to be seen by who watches; then it is in back-off until the next try.
                var seen = TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerSecond, wait.Ticks / 4));
                await Task.Delay(seen, services.Clock, cancellationToken);
                wait -= seen;
                context.Normal(container, "BackOff", $"Back-off pulling image \"{image}\"");
                context.Warning(container, "Failed", "Error: ImagePullBackOff");
                waiting("ImagePullBackOff", $"Back-off pulling image \"{image}\": ErrImagePull: {problem}");
            }

            await Task.Delay(wait, services.Clock, cancellationToken);
        }
    }

    private async Task<UnpackedImage> TryAsync(CancellationToken cancellationToken)
    {
        var image = container.Image;
        var images = context.Services.Images;
        var policy = (string?)container.Object["imagePullPolicy"];
        var present = images.IsPresent(image);
        if (policy == "Never" && !present)
            throw new ImageException($"Container image \"{image}\" is not present with pull policy of Never") { NeverPulled = true };
        var pulls = !present || policy == "Always";
        if (pulls && ImageReference.Parse(image) is not null)
            context.Normal(container, "Pulling", $"Pulling image \"{image}\"");
        var pulled = await images.PullAsync(image, cancellationToken);
        var took = BackOff.Text(TimeSpan.FromMilliseconds(Math.Max(1, Math.Round((pulled.PullTime ?? TimeSpan.Zero).TotalMilliseconds))));
        context.Normal(container, "Pulled", pulls
            ? $"Successfully pulled image \"{image}\" in {took} ({took} including waiting). Image size: {pulled.Size.ToString(CultureInfo.InvariantCulture)} bytes."
            : $"Container image \"{image}\" already present on machine");
        return pulled;
    }
}
