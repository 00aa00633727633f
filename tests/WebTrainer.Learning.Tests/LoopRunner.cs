using System.Collections.Concurrent;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Serving;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>A loop that answers on a thread of its own, without a socket.</summary>
internal sealed class LoopRunner : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public LoopRunner(IServeLoop loop)
    {
        Loop = loop;
        _run = Task.Run(() => loop.Run(TimeSpan.FromMinutes(5), _stop.Token));
    }

    public IServeLoop Loop { get; }

    /// <summary>The base that the program brings.</summary>
    public static LoopRunner Shipped(long prefixCacheBytes)
    {
        var folder = ShippedFolder.Find();
        var models = new ModelSet(folder, [], WeightPrecision.Full, CPU, CancellationToken.None);
        var encoder = ConversationEncoder.Of(folder, PromptTemplate.Chat, models.ContextTokens);
        return new(new ServeLoop(models, encoder, prefixCacheBytes));
    }

    public void Enqueue(PendingRequest request) => Loop.Enqueue(request);

    /// <returns>All that was answered.</returns>
    public async Task<List<GenerateChunk>> AskAsync(GenerateRequest request)
    {
        var (chunks, ends) = (new ConcurrentQueue<GenerateChunk>(), 0);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Enqueue(
            new PendingRequest(
                request,
                chunk =>
                {
                    chunks.Enqueue(chunk);
                    if (chunk.FinishReason == "error" || (chunk.FinishReason is not null && ++ends == request.Answers))
                    {
                        done.SetResult();
                    }
                }
            )
        );
        await Task.WhenAny(done.Task, _run);
        Assert.True(done.Task.IsCompleted, _run.Exception?.ToString());
        return [.. chunks];
    }

    public static string Text(IEnumerable<GenerateChunk> chunks) => string.Concat(chunks.Select(chunk => chunk.Text));

    public void Dispose()
    {
        _stop.Cancel();
        _run.Wait(CancellationToken.None);
        _stop.Dispose();
    }
}
