using System.Collections.Concurrent;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation.Constrained;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Serving;

/// <summary>A request and where its answer goes.</summary>
public sealed record PendingRequest(GenerateRequest Request, Action<GenerateChunk> Answer);

/// <summary>
/// Generates for many requests at once on one thread: each round gives every active request one token, so a long answer never
/// holds up a short one. Requests come in from any thread.
/// </summary>
/// <param name="models">What can be asked.</param>
/// <param name="encoder">Of the base.</param>
/// <param name="prefixCacheBytes">Memory for beginnings of prompts that have been read; 0 for none.</param>
public sealed class ServeLoop(ModelSet models, ConversationEncoder encoder, long prefixCacheBytes = 0) : IServeLoop
{
    /// <summary>Answers made at once; more wait for their turn, in the order they came.</summary>
    private const int MostActive = 64;

    private readonly ConcurrentQueue<PendingRequest> _incoming = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Queue<PendingRequest> _waiting = new();
    private readonly Dictionary<ILanguageModel, ServedModel> _served = [];
    private readonly PrefixCache _prefixes = new(prefixCacheBytes);
    private readonly ConstraintCache _constraints = new(encoder.Tokenizer, encoder.EndIds);

    /// <inheritdoc/>
    public void Enqueue(PendingRequest request)
    {
        _incoming.Enqueue(request);
        _arrived.Release();
    }

    /// <summary>Runs until cancelled, or until no request came or was active for the idle time.</summary>
    public void Run(TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        using var _ = inference_mode();
        while (!cancellationToken.IsCancellationRequested)
        {
            if (Active == 0 && _waiting.Count == 0 && _incoming.IsEmpty && !Wait(idleTimeout, cancellationToken))
            {
                break;
            }

            Sort();
            Admit();
            foreach (var model in _served.Values)
            {
                model.Round();
            }
        }

        foreach (var model in _served.Values)
        {
            model.Dispose();
        }

        _prefixes.Dispose();
    }

    /// <inheritdoc/>
    public string? Figures =>
        _prefixes.PromptTokens == 0
            ? null
            : $"Prompts of {_prefixes.PromptTokens} tokens were read, {_prefixes.CachedTokens} of them from the cache of beginnings, which holds {_prefixes.Bytes >> 20} MiB.";

    private int Active => _served.Values.Sum(model => model.Count);

    private bool Wait(TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        try
        {
            return _arrived.Wait(idleTimeout, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Puts what came into the waiting line, and obeys cancellations.</summary>
    private void Sort()
    {
        while (_incoming.TryDequeue(out var pending))
        {
            if (!pending.Request.Cancel)
            {
                _waiting.Enqueue(pending);
                continue;
            }

            Forget(pending);
            foreach (var active in _served.Values.SelectMany(model => model.Find(pending)))
            {
                active.Cancelled = true;
            }
        }
    }

    /// <summary>Takes a cancelled request out of the waiting line, whose others keep their order.</summary>
    private void Forget(PendingRequest cancelled)
    {
        for (var left = _waiting.Count; left > 0; left--)
        {
            if (_waiting.Dequeue() is var pending && (pending.Answer != cancelled.Answer || pending.Request.Id != cancelled.Request.Id))
            {
                _waiting.Enqueue(pending);
            }
        }
    }

    private void Admit()
    {
        while (Active < MostActive && _waiting.TryDequeue(out var pending))
        {
            if (Refusal(pending.Request) is { } refusal)
            {
                Refuse(pending, RequestFault.Wrong, refusal);
                continue;
            }

            if (Encode(pending) is not { } prompt || !TryConstrain(pending, out var constraint))
            {
                continue;
            }

            // with room for an answer, where one is asked for
            var longest = models.Config.PromptRoom(Math.Min(pending.Request.MaxNewTokens, 1));
            if (prompt.Count > longest)
            {
                Refuse(
                    pending,
                    RequestFault.TooLong,
                    $"The request has {prompt.Count} tokens; this model reads at most {longest}{(longest < models.ContextTokens ? " and answers with the rest of its " + models.ContextTokens : "")}. Send a shorter one."
                );
                continue;
            }

            var (model, adapter) = models.Find(pending.Request.Model)!.Value;
            if (!_served.TryGetValue(model, out var served))
            {
                _served[model] = served = new ServedModel(model, _prefixes);
            }

            var group = new AnswerGroup(pending.Request);
            for (var index = 0; index < pending.Request.Answers; index++)
            {
                served.Join(
                    new ActiveRequest(pending, encoder, adapter, prompt, models.Config.AnswerRoom(prompt.Count), group, index)
                    {
                        Constraint = constraint is null ? null : new(constraint, encoder.Tokenizer, encoder.EndIds),
                    }
                );
            }
        }
    }

    /// <param name="pending">Is told where its constraint can't be kept.</param>
    /// <param name="constraint">Null where any text will do.</param>
    private bool TryConstrain(PendingRequest pending, out TokenGrammar? constraint)
    {
        constraint = null;
        try
        {
            constraint = pending.Request.Constraint is { } asked ? _constraints.Get(asked) : null;
            return true;
        }
        catch (ConstraintException exception)
        {
            Refuse(pending, RequestFault.Constraint, exception.Message);
            return false;
        }
    }

    /// <returns>The prompt's tokens; null where there are none, which the asker has been told.</returns>
    private List<int>? Encode(PendingRequest pending)
    {
        try
        {
            return ActiveRequest.PromptOf(pending.Request, encoder);
        }
        catch (Exception exception) when (exception is DataException or ModelFileException)
        {
            // one conversation that the template knows no form for must not end the others'
            Refuse(pending, RequestFault.Wrong, exception.Message);
            return null;
        }
    }

    private static void Refuse(PendingRequest pending, RequestFault fault, string why) =>
        pending.Answer(new GenerateChunk(pending.Request.Id, "", "error") { Error = why, Fault = fault });

    private string? Refusal(GenerateRequest request) =>
        models.Find(request.Model) is null ? $"No model is called '{request.Model}' here."
        : request.Texts is not null ? "This model writes text; only encoders can be asked for labels or vectors."
        : request.Echo && models.Config.IsEncoderDecoder
            ? "An encoder-decoder writes an answer and doesn't go on from its prompt, so it has no prompt to send back: ask without echo."
        : request.Answers < 1 ? "The request asks for no answer."
        : request.Messages is null && request.Prompt is null ? "The request has neither messages nor a prompt."
        : request.Messages?.FirstOrDefault(message => message.Role is not ("system" or "user" or "assistant")) is { } message
            ? $"The role '{message.Role}' is not known."
        : request.Messages?.Any(message => message.Tools is not null) == true && !encoder.Tools.Definitions
            ? "'tools' can't be shown to this model: its chat template has no form for them. Leave them out, or describe them in words."
        : null;
}
