using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text.Json;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Queries;

/// <summary>
/// Runs queries that people write, each in a process of its own that is ended at its limits, or when nobody waits for it any more.
/// </summary>
/// <param name="scratchRoot">Where each gets a folder of its own; what a killed portal leaves there is its owner's to sweep.</param>
public sealed class QueryProcess(QueryOptions options, string scratchRoot) : IDisposable
{
    /// <summary>Bytes of the lines that frame the rows, beside those of an answer.</summary>
    private const int FrameBytes = 4 * 1024 * 1024;

    private readonly SemaphoreSlim _places = new(options.AtOnce);
    private readonly Confinement _confinement = new(options);

    /// <summary>The limits that each query runs under.</summary>
    public QueryOptions Options => options;

    /// <param name="take">Gets the columns, and rows as they come.</param>
    /// <exception cref="DataProblemException">There is no answer; the sentence says why.</exception>
    internal async Task<QueryEnd> RunAsync(
        string version,
        QueryColumns columns,
        string query,
        int maxRows,
        int maxBytes,
        Action<QueryLine> take,
        CancellationToken cancellationToken
    )
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            using var scratch = new ScratchFolder(Path.Combine(scratchRoot, "query-" + Guid.NewGuid().ToString("N")));
            var request = new QueryRequest(version, columns, query, scratch.Path)
            {
                MemoryMiB = options.MemoryMiB,
                ScratchMiB = options.ScratchMiB,
                Threads = options.Threads,
                Rows = maxRows,
                AnswerBytes = maxBytes,
            };
            return await RunAsync(request, take, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>No query may be under way.</summary>
    public void Dispose() => _places.Dispose();

    private async Task<QueryEnd> RunAsync(QueryRequest request, Action<QueryLine> take, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Seconds));
        using var process =
            Process.Start(_confinement.StartInfo(request.Version, request.Scratch))
            ?? throw new InvalidOperationException("The query's program was not started.");
        try
        {
            var unheard = process.StandardError.BaseStream.CopyToAsync(Stream.Null, limit.Token);
            await SendAsync(process, request, limit.Token);
            var end = await ReadAsync(process.StandardOutput.BaseStream, take, request.AnswerBytes + FrameBytes, limit.Token);
            await unheard;
            return end is null ? throw Broken()
                : end.Refusal is { } refusal ? throw new DataProblemException(refusal)
                : end;
        }
        catch (JsonException)
        {
            throw Broken();
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DataProblemException($"The query took more than {options.Seconds} seconds and was ended. Narrow it.", cause: late);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            await process.WaitForExitAsync(CancellationToken.None); // its folder is deleted next
        }
    }

    private DataProblemException Broken() =>
        new(
            $"The query ended the program that ran it, and nothing else. It may need more than the {options.MemoryMiB} MiB of memory and {options.ScratchMiB} MiB of disk that a query may take: narrow it, or write it otherwise."
        );

    private static async Task SendAsync(Process process, QueryRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await JsonSerializer.SerializeAsync(process.StandardInput.BaseStream, request, ProtocolJson.Line, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it heard anything; that it says nothing is told below.
        }
    }

    /// <returns>How it ended; null where the program broke off.</returns>
    private static async Task<QueryEnd?> ReadAsync(
        Stream output,
        Action<QueryLine> take,
        long maxBytes,
        CancellationToken cancellationToken
    )
    {
        var reader = PipeReader.Create(output);
        for (long bytes = 0; ; )
        {
            var read = await reader.ReadAsync(cancellationToken);
            var left = read.Buffer;
            while (left.PositionOf((byte)'\n') is { } newLine)
            {
                var line = JsonSerializer.Deserialize<QueryLine>(left.Slice(0, newLine).ToArray(), ProtocolJson.Line)!;
                if (line.End is { } end)
                {
                    return end;
                }

                take(line);
                var next = left.GetPosition(1, newLine);
                bytes += left.Slice(0, next).Length;
                left = left.Slice(next);
            }

            if (read.IsCompleted || bytes + left.Length > maxBytes)
            {
                return null;
            }

            reader.AdvanceTo(left.Start, left.End);
        }
    }
}
