using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Serving;

/// <summary>
/// The answers that are being made with one model's weights, one row each, whatever their adapters: each round reads the weights
/// once for all of them. Requests join and leave between any two tokens (continuous batching, Orca, OSDI 2022).
/// </summary>
internal sealed class ServedModel(ILanguageModel model, PrefixCache prefixes) : IDisposable
{
    private readonly List<ActiveRequest> _requests = [];
    private DecodingBatch? _batch;
    private Tensor? _logits; // [requests, vocabulary], float32

    public int Count => _requests.Count;

    /// <summary>The answers to a request; none where all have ended.</summary>
    public IEnumerable<ActiveRequest> Find(PendingRequest asker) =>
        _requests.Where(request => request.Pending.Answer == asker.Answer && request.Pending.Request.Id == asker.Request.Id);

    /// <summary>Reads the request's prompt; its first token comes with the next round.</summary>
    public void Join(ActiveRequest request)
    {
        using var scope = NewDisposeScope();
        AdapterMix.Attach(model, [request.Adapter]);
        request.Echo(model);
        var (batch, logits, cached) = prefixes.Read(model, request.Adapter, request.Prompt);
        request.CachedTokens = cached;
        _requests.Add(request);
        if (_batch is null)
        {
            (_batch, _logits) = (batch, logits.DetachFromDisposeScope());
            return;
        }

        _batch.Join(batch);
        Become(cat([_logits!, logits], dim: 0));
    }

    /// <summary>Gives every request one token.</summary>
    public void Round()
    {
        if (_requests.Count == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var tokens = Choose();
        if (tokens.Count == 0)
        {
            Clear();
            return;
        }

        AdapterMix.Attach(model, [.. _requests.Select(request => request.Adapter)]);
        Become(_batch!.Step(tokens));
    }

    public void Dispose() => Clear();

    /// <summary>Lets every request choose, and drops those whose answer is over.</summary>
    private List<int> Choose()
    {
        var scores = _logits!.cpu();
        var (tokens, going) = (new List<int>(), new List<int>());
        for (var row = 0; row < _requests.Count; row++)
        {
            if (_requests[row].Choose(Logits.Row(scores, row), out var token))
            {
                tokens.Add(token);
                going.Add(row);
            }
        }

        if (going.Count < _requests.Count)
        {
            _batch!.Keep(going);
            List<ActiveRequest> left = [.. going.Select(row => _requests[row])];
            _requests.Clear();
            _requests.AddRange(left);
        }

        return tokens;
    }

    private void Become(Tensor logits)
    {
        _logits?.Dispose();
        _logits = logits.DetachFromDisposeScope();
    }

    private void Clear()
    {
        _batch?.Dispose();
        _logits?.Dispose();
        (_batch, _logits) = (null, null);
        _requests.Clear();
    }
}
