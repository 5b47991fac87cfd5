using System.Net.Security;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Checks;

/// <summary>
/// Asks every pod behind a service over HTTP or TCP, through the API server: it works wherever the deploy runs, and before any Service
/// leads there.
/// </summary>
internal sealed class ServiceChecks(KubeClient client)
{
    // A kubelet tells of a refused connection at once; who is silent for this long has taken it.
    private static readonly TimeSpan Refusal = TimeSpan.FromSeconds(1);

    public async Task<CheckAnswer> AskAsync(BundleCheck check, CheckTarget target, CancellationToken cancellationToken)
    {
        var pods = new CheckedPods(client, target, check.Port);
        if (pods.Port is null)
            return new CheckAnswer(false, $"The service {target.Service} has no port '{check.Port}'.");
        var ready = await pods.ListAsync(cancellationToken);
        if (ready.Count == 0)
            return new CheckAnswer(false, $"The service {target.Service} has no ready pod.");
        CheckAnswer answer = null!;
        foreach (var pod in ready)
        {
            answer = check.Kind == "tcp"
                ? await ConnectAsync(pods, pod, cancellationToken)
                : await GetAsync(check, target, pods, pod, cancellationToken);
            if (!answer.Passed)
                break;
        }

        return answer;
    }

    private async Task<CheckAnswer> ConnectAsync(CheckedPods pods, CheckedPod pod, CancellationToken cancellationToken)
    {
        CheckAnswer Say(bool passed, string said) => new(passed, said) { Pod = (pod.Name, pod.Container) };
        try
        {
            await using var stream = await pods.ConnectAsync(pod, cancellationToken);
            using var limit = new LimitedToken(Refusal, client.Clock, cancellationToken);
            try
            {
                _ = await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It waits for us to begin.
            }

            return Say(true, $"port {pod.Port} takes connections");
        }
        catch (IOException failure)
        {
            return Say(false, $"port {pod.Port} takes no connection: {Essence(failure.Message)}");
        }
    }

    private async Task<CheckAnswer> GetAsync(BundleCheck check, CheckTarget target, CheckedPods pods, CheckedPod pod, CancellationToken cancellationToken)
    {
        CheckAnswer Say(bool passed, string said) => new(passed, $"GET {check.Path ?? "/"} {said}") { Pod = (pod.Name, pod.Container) };
        // Measured from the moment when there is a connection: the way there is the deploy's, not the app's.
        var connected = client.Clock.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = client.Clock.CreateTimer(_ => limit.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = async (_, token) =>
            {
                var stream = await pods.ConnectAsync(pod, token);
                connected = client.Clock.GetTimestamp();
                if (check.MaxLatency is { } longest)
                    timer.Change(longest, Timeout.InfiniteTimeSpan);
                return stream;
            },
            // The pod's certificate is for the names by which users reach it; here it is reached by none of them.
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var answer = new HttpAnswer(check.BodyContains);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Address(check, target, pods));
            request.Headers.TryAddWithoutValidation("User-Agent", "kubeapp-check");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var status = check.Status ?? 200;
            if ((int)response.StatusCode != status)
                return Say(false, $"answered {Words(response)} in {Elapsed(connected)} instead of {status}{await HttpAnswer.BeginningAsync(response, limit.Token)}");
            // Of an answer that may go on for ever, nothing is read that nobody asked for.
            if (check.BodyContains is not null || check.MaxLatency is not null)
                await answer.ReadAsync(response, limit.Token);
            var answered = $"answered {status} in {Elapsed(connected)}";
            if (check.MaxLatency is { } most && client.Clock.GetElapsedTime(connected) > most)
                return Say(false, $"{answered}: longer than {most.TotalMilliseconds:0} ms");
            return answer.HoldsWhatIsWanted ? Say(true, answered) : Say(false, $"{answered}, but {answer.Part} does not hold \"{check.BodyContains}\"{answer.Quote}");
        }
        catch (OperationCanceledException)
        {
            // Whose time is up, the one who asked knows best; what was heard until then explains it.
            var time = check.MaxLatency is { } most && !cancellationToken.IsCancellationRequested ? $"{most.TotalMilliseconds:0} ms" : Elapsed(connected);
            return Say(false, answer.HasBegun ? $"answered, but the answer had no end within {time}{answer.Missing}{answer.Quote}" : $"gave no answer within {time}") with
            {
                IsCut = cancellationToken.IsCancellationRequested,
            };
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return Say(false, $"gave no answer: {Essence((failure.InnerException ?? failure).Message)}");
        }
    }

    private string Elapsed(long since) => client.Clock.GetElapsedTime(since) is var time && time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:0} ms" : $"{time.TotalSeconds:0.0} s";

    // Redirects are not followed: where it leads to is told.
    private static string Words(HttpResponseMessage response) =>
        response.Headers.Location is { } location ? $"{(int)response.StatusCode} (to {location.OriginalString})" : $"{(int)response.StatusCode}";

    private static Uri Address(BundleCheck check, CheckTarget target, CheckedPods pods)
    {
        var path = check.Path ?? "/";
        return new Uri($"{(target.IsTls(pods.Port!) ? "https" : "http")}://{target.Service}{(path.StartsWith('/') ? "" : "/")}{path}");
    }

    // A kubelet wraps the cause in "error forwarding port 8080 to pod …, uid …: failed to connect to …: the cause".
    private static string Essence(string message)
    {
        var cause = message.LastIndexOf("connect: ", StringComparison.Ordinal);
        return cause < 0 ? message.TrimEnd('.') : message[(cause + "connect: ".Length)..].TrimEnd('.');
    }
}
