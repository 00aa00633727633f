using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WebTrainer.Pipeline.Tests.Connectors;

/// <summary>A small HTTP server of one test: answers each path with what it was given.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();

    public LoopbackServer()
    {
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public string Address => $"http://127.0.0.1:{Port}/";
    public string? Redirect { get; init; }
    public ConcurrentDictionary<string, (string Body, string? Etag)> Files { get; } = new();
    public ConcurrentQueue<string> Asked { get; } = new();
    public ConcurrentQueue<string> Authorizations { get; } = new();

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, leaveOpen: true);
            var target = (await reader.ReadLineAsync() ?? "").Split(' ').ElementAtOrDefault(1) ?? "";
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..]
                    .Trim();
            }

            Asked.Enqueue(target);
            Authorizations.Enqueue(headers.GetValueOrDefault("Authorization", ""));
            await stream.WriteAsync(Answer(target, headers));
        }
    }

    private byte[] Answer(string target, Dictionary<string, string> headers)
    {
        if (Redirect is not null)
        {
            return Encoding.UTF8.GetBytes($"HTTP/1.1 302 Found\r\nLocation: {Redirect}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }

        if (!Files.TryGetValue(target, out var file))
        {
            return Encoding.UTF8.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }

        if (file.Etag is not null && headers.GetValueOrDefault("If-None-Match") == file.Etag)
        {
            return Encoding.UTF8.GetBytes("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
        }

        var etag = file.Etag is null ? "" : $"ETag: {file.Etag}\r\n";
        return Encoding.UTF8.GetBytes(
            $"HTTP/1.1 200 OK\r\n{etag}Content-Type: application/xml\r\nContent-Length: {Encoding.UTF8.GetByteCount(file.Body)}\r\nConnection: close\r\n\r\n{file.Body}"
        );
    }
}
