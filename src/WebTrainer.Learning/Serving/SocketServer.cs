using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Serving;

/// <summary>
/// Takes requests on a Unix socket, JSON lines both ways. Only the socket's owner can connect (mode 0600), and a connection's
/// first line must hold the token; any other connection is closed without an answer.
/// </summary>
public sealed class SocketServer(string path, string token, IServeLoop loop) : IDisposable
{
    private const int MaximumLineBytes = 4 << 20,
        OutgoingChunks = 10_000;
    private static readonly TimeSpan s_helloTimeout = TimeSpan.FromSeconds(5);
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <exception cref="SocketException">The path is too long or its folder can't be written.</exception>
    public void Listen()
    {
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        _listener.Listen();
    }

    /// <summary>Takes connections until cancelled, each served beside the others. <see cref="Listen"/> comes first.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled while no connection came.</exception>
    public async Task AcceptAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var connection = await _listener.AcceptAsync(cancellationToken);
            _ = ServeAsync(connection, cancellationToken);
        }
    }

    /// <summary>Stops listening and deletes the socket's file; connections that are open end with their token.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(path);
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var outgoing = Channel.CreateBounded<GenerateChunk>(new BoundedChannelOptions(OutgoingChunks) { SingleReader = true });
        var active = new HashSet<string>();
        // One delegate a connection: it is also the connection's identity, by which requests are cancelled.
        Action<GenerateChunk> answer = chunk => outgoing.Writer.TryWrite(chunk);
        try
        {
            var lines = new LineReader(stream, MaximumLineBytes);
            if (!await GreetAsync(lines, cancellationToken))
            {
                return;
            }

            var sending = SendAsync(stream, outgoing.Reader, cancellationToken);
            while (await lines.ReadAsync(cancellationToken) is { } line)
            {
                var request = JsonSerializer.Deserialize<GenerateRequest>(line, ProtocolJson.Line)!;
                active.Add(request.Id);
                loop.Enqueue(new PendingRequest(request, answer));
            }

            outgoing.Writer.TryComplete();
            await sending;
        }
        catch (Exception exception)
            when (exception is IOException or JsonException or InvalidDataException or OperationCanceledException or SocketException)
        {
            // A broken or misbehaving connection ends itself and nobody else.
            await Console.Error.WriteLineAsync($"A connection was closed: {exception.GetType().Name}.");
        }
        finally
        {
            outgoing.Writer.TryComplete();
            foreach (var id in active)
            {
                loop.Enqueue(new PendingRequest(new GenerateRequest(id, "") { Cancel = true }, answer));
            }
        }
    }

    private async Task<bool> GreetAsync(LineReader lines, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(s_helloTimeout);
        var line = await lines.ReadAsync(limited.Token);
        var hello = line is null ? null : JsonSerializer.Deserialize<ServeHello>(line, ProtocolJson.Line);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(hello?.Token ?? ""), Encoding.UTF8.GetBytes(token));
    }

    private static async Task SendAsync(NetworkStream stream, ChannelReader<GenerateChunk> chunks, CancellationToken cancellationToken)
    {
        await foreach (var chunk in chunks.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(
                (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(chunk, ProtocolJson.Line), (byte)'\n'],
                cancellationToken
            );
        }
    }
}
