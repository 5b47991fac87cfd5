using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>Stands between the engine and the server, changes nothing, and notes when a namespace first showed the sign that decides.</summary>
internal sealed partial class OverheardSigns : DelegatingHandler
{
    private readonly ConcurrentDictionary<string, Regex> _signs = [];
    private readonly ConcurrentDictionary<string, TimeSpan> _seen = [];

    /// <summary>What decides there, as a list or one line of a watch has it.</summary>
    public void Await(string ns, string sign) => _signs[ns] = new Regex(sign);

    /// <summary>When it was first told; null where it was not.</summary>
    public TimeSpan? SeenAt(string ns) => _seen.TryGetValue(ns, out var at) ? at : null;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method == HttpMethod.Get && Place().Match(request.RequestUri!.AbsolutePath) is { Success: true } place && _signs.ContainsKey(place.Groups["ns"].Value))
        {
            var heard = new StreamContent(new Overhearing(await response.Content.ReadAsStreamAsync(cancellationToken), line => Hear(place.Groups["ns"].Value, line)));
            heard.Headers.ContentType = response.Content.Headers.ContentType;
            response.Content = heard;
        }

        return response;
    }

    private void Hear(string ns, string line)
    {
        if (!_seen.ContainsKey(ns) && _signs[ns].IsMatch(line))
            _seen.TryAdd(ns, EvenTime.Now);
    }

    [GeneratedRegex("/namespaces/(?<ns>[^/]+)/[a-z]+$")]
    private static partial Regex Place();

    /// <summary>Gives on what it reads, line by line to one who listens.</summary>
    private sealed class Overhearing(Stream source, Action<string> hear) : Stream
    {
        private readonly StringBuilder _line = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await source.ReadAsync(buffer, cancellationToken);
            // The signs are ASCII, whatever stands beside them.
            foreach (var letter in Encoding.Latin1.GetString(buffer.Span[..read]))
                if (letter == '\n')
                    Pass();
                else
                    _line.Append(letter);
            if (read == 0)
                Pass();
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }

        private void Pass()
        {
            hear(_line.ToString());
            _line.Clear();
        }
    }
}
