using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using WebTrainer.Domain.Access;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Serving;

/// <summary>A worker that answers requests for one base model and its adapters.</summary>
internal sealed class ServingWorker : IDisposable
{
    private const int MaxSocketPathBytes = 100;
    private static readonly TimeSpan s_killTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_connectInterval = TimeSpan.FromMilliseconds(50);

    private readonly RunFolder _folder;
    private readonly string _socket;
    private readonly string _token = SecretToken.Create();
    private readonly IReadOnlyList<NamedAdapter> _adapters;
    private readonly ChildWorker _process;
    private readonly DeviceLoan _device;
    private readonly TimeProvider _clock;
    private int _users;
    private bool _retired;

    public ServingWorker(
        ServedBase baseModel,
        IReadOnlyList<NamedAdapter> adapters,
        RunFolders folders,
        WorkerLauncher launcher,
        DeviceLoan device,
        JobsOptions options,
        TimeProvider clock
    )
    {
        _adapters = adapters;
        _device = device;
        _clock = clock;
        var variable = "";
        var socket = "";
        _folder = folders.CreateTemporary(folder =>
        {
            socket = ShortSocketPath(folder);
            var spec = new ServeSpec
            {
                BaseModel = baseModel.Path,
                Adapters = adapters,
                Socket = socket,
                IdleTimeout = options.ServeIdleTimeout,
                Precision = baseModel.Precision ?? options.ServePrecision,
                PrefixCacheMiB = options.ServePrefixCacheMiB,
                Device = device.Device,
                Threads = options.WorkerThreads,
            };
            variable = spec.TokenVariable;
            return spec;
        });
        _socket = socket;
        _process = launcher.StartChild(_folder, device.Device, new KeyValuePair<string, string>(variable, _token));
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Nobody is being answered.</summary>
    public bool IsIdle => _users == 0;

    public Task WaitForExitAsync() => _process.WaitForExitAsync(CancellationToken.None);

    /// <summary>True when it knows all of these adapters, at these very places and as they were written last.</summary>
    public bool Knows(IReadOnlyList<NamedAdapter> adapters) => adapters.All(_adapters.Contains);

    /// <summary>These adapters and its own whose folders are still there.</summary>
    public IReadOnlyList<NamedAdapter> With(IReadOnlyList<NamedAdapter> adapters) =>
        [.. adapters, .. _adapters.Where(own => adapters.All(adapter => adapter.Name != own.Name) && Directory.Exists(own.Path))];

    /// <summary>Adds a user, until <see cref="Leave"/>. Users and retirement are counted under the pool's lock.</summary>
    public void Enter() => _users++;

    public void Leave()
    {
        _users--;
        DisposeWhenUnused();
    }

    /// <summary>Ends now; whoever still reads from it gets an error.</summary>
    public void Kill()
    {
        _process.Kill();
        Retire();
    }

    /// <summary>Takes no more users, and ends after the last.</summary>
    public void Retire()
    {
        _retired = true;
        DisposeWhenUnused();
    }

    /// <exception cref="JobFailedException">The worker ended or did not open its socket in time.</exception>
    public async Task<Socket> ConnectAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose(); // Not there yet: loading a model takes a while.
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            if (_process.HasExited)
            {
                throw Ended();
            }

            if (_clock.GetElapsedTime(started) > timeout)
            {
                throw new JobFailedException("The model did not become ready in time.", "Try again in a minute.");
            }

            await Task.Delay(s_connectInterval, _clock, cancellationToken);
        }
    }

    /// <summary>Sends one request over its own connection and gives the answer as it is made.</summary>
    public async IAsyncEnumerable<GenerateChunk> GenerateAsync(
        Socket socket,
        GenerateRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await SendAsync(stream, new ServeHello(_token), cancellationToken);
        await SendAsync(stream, request, cancellationToken);
        var (ends, finished) = (0, false);
        try
        {
            while (!finished)
            {
                var chunk = await ReadAsync(reader, cancellationToken);
                if (chunk.Id != request.Id)
                {
                    continue;
                }

                ends += chunk.FinishReason is null ? 0 : 1;
                finished = ends == request.Answers || chunk.FinishReason == "error";
                yield return chunk;
            }
        }
        finally
        {
            if (!finished && !_process.HasExited)
            {
                await CancelAsync(stream, request);
            }
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit(s_killTime); // Its folder is deleted next.
        _process.Dispose();
        _device.Dispose();
        File.Delete(_socket);
        if (Directory.Exists(_folder.Root))
        {
            Directory.Delete(_folder.Root, recursive: true);
        }
    }

    private async Task<GenerateChunk> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            var line = await reader.ReadLineAsync(cancellationToken) ?? throw await EndedAsync(cancellationToken);
            return JsonSerializer.Deserialize<GenerateChunk>(line, ProtocolJson.Line) ?? throw await EndedAsync(cancellationToken);
        }
        catch (IOException)
        {
            throw await EndedAsync(cancellationToken);
        }
    }

    private static async Task SendAsync<T>(NetworkStream stream, T message, CancellationToken cancellationToken) =>
        await stream.WriteAsync(
            (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Line), (byte)'\n'],
            cancellationToken
        );

    // Whoever asked is gone, so there is no token to wait with; a local socket takes one line at once.
    private static async Task CancelAsync(NetworkStream stream, GenerateRequest request)
    {
        try
        {
            await SendAsync(stream, request with { Messages = null, Prompt = null, Cancel = true }, CancellationToken.None);
        }
        catch (IOException)
        {
            // The worker closed first: there is nothing left to cancel.
        }
    }

    /// <summary>The socket closes a moment before the process is gone, and only then its exit code is known.</summary>
    private async Task<JobFailedException> EndedAsync(CancellationToken cancellationToken)
    {
        await _process
            .WaitForExitAsync(cancellationToken)
            .WaitAsync(s_killTime, _clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return Ended();
    }

    private JobFailedException Ended() => WorkerFailure.Of(_folder, _process.ExitCode, "Send the request again: the model is loaded anew.");

    private void DisposeWhenUnused()
    {
        if (_retired && _users == 0)
        {
            Dispose();
        }
    }

    /// <summary>In the worker's own folder, unless its path is too long for a socket; either way only the owner may connect.</summary>
    private static string ShortSocketPath(RunFolder folder)
    {
        var path = Path.Combine(folder.Root, "serve.sock");
        return Encoding.UTF8.GetByteCount(path) <= MaxSocketPathBytes ? path : $"/tmp/wt-{Guid.NewGuid().ToString("N")[..16]}.sock";
    }
}
