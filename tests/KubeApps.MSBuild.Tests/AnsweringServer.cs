using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KubeApps.MSBuild.Tests;

/// <summary>A server that gives each request the bytes that the test says, or never answers it (null).</summary>
internal sealed class AnsweringServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public AnsweringServer(string? answer)
        : this(_ => answer)
    {
    }

    public AnsweringServer(Func<string, string?> answer)
    {
        _listener.Start();
        _ = ServeAsync(answer);
    }

    public static string NotFound => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

    public string Host => $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public static string Ok(string body, string type) => $"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(Func<string, string?> answer)
    {
        List<TcpClient> open = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                open.Add(client);
                // Apart from here: an answer may wait for a request that is still to be accepted.
                _ = Task.Run(() => AnswerAsync(client, answer));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            open.ForEach(client => client.Dispose());
        }
    }

    private static async Task AnswerAsync(TcpClient client, Func<string, string?> answer)
    {
        var buffer = new byte[8192];
        try
        {
            var read = await client.GetStream().ReadAsync(buffer);
            if (answer(Encoding.ASCII.GetString(buffer, 0, read)) is { } text)
            {
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
                client.Client.Shutdown(SocketShutdown.Send);
            }

            while (await client.GetStream().ReadAsync(buffer) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
        }
    }
}
