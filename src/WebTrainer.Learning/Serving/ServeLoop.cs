using System.Collections.Concurrent;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Serving;

/// <summary>A request and where its answer goes.</summary>
public sealed record PendingRequest(GenerateRequest Request, Action<GenerateChunk> Answer);

/// <summary>
/// Generates for many requests at once on one thread: each round gives every active request one token, so a long answer never
/// holds up a short one. Requests come in from any thread.
/// </summary>
public sealed class ServeLoop(ModelSet models, ConversationEncoder encoder)
{
    private readonly ConcurrentQueue<PendingRequest> _incoming = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly List<ActiveRequest> _active = [];

    public void Enqueue(PendingRequest request)
    {
        _incoming.Enqueue(request);
        _arrived.Release();
    }

    /// <summary>Runs until cancelled, or until no request came or was active for the idle time.</summary>
    public void Run(TimeSpan idleTimeout, CancellationToken cancellation)
    {
        using var _ = inference_mode();
        while (!cancellation.IsCancellationRequested)
        {
            if (_active.Count == 0 && _incoming.IsEmpty && !Wait(idleTimeout, cancellation))
            {
                return;
            }

            Admit();
            foreach (var request in _active.ToArray())
            {
                if (!request.Step())
                {
                    _active.Remove(request);
                    request.Dispose();
                }
            }
        }
    }

    private bool Wait(TimeSpan idleTimeout, CancellationToken cancellation)
    {
        try
        {
            return _arrived.Wait(idleTimeout, cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Admit()
    {
        while (_incoming.TryDequeue(out var pending))
        {
            if (pending.Request.Cancel)
            {
                _active.FirstOrDefault(active => active.Pending.Answer == pending.Answer && active.Pending.Request.Id == pending.Request.Id)?.Cancel();
            }
            else
            {
                _active.Add(new ActiveRequest(pending, models, encoder));
            }
        }
    }
}
