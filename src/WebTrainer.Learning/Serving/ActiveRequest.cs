using System.Runtime.InteropServices;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Jobs;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Serving;

/// <summary>One answer in the making.</summary>
internal sealed class ActiveRequest(PendingRequest pending, ModelSet models, ConversationEncoder encoder) : IDisposable
{
    private readonly TextStream _text = new(encoder.Tokenizer, pending.Request.Stop);
    private readonly Sampler _sampler = new(pending.Request.Temperature, pending.Request.TopP, pending.Request.Seed ?? Random.Shared.NextInt64());
    private DecodingBatch? _batch;
    private Tensor? _logits;
    private int _promptTokens, _tokens;
    private bool _cancelled;

    public PendingRequest Pending => pending;

    public void Cancel() => _cancelled = true;

    /// <summary>Makes one token and sends what text is certain.</summary>
    /// <returns>False when the answer is over; its end has been sent.</returns>
    public bool Step()
    {
        if (_cancelled)
        {
            return End("cancelled");
        }

        if (_batch is null && Refusal() is { } refusal)
        {
            return End("error", refusal);
        }

        using var scope = NewDisposeScope();
        var model = models.Use(pending.Request.Model)!;
        if (_batch is null)
        {
            var prompt = Prompt();
            _promptTokens = prompt.Count;
            var (batch, logits) = DecodingBatch.Start(model, [prompt]);
            (_batch, _logits) = (batch, logits.DetachFromDisposeScope());
        }

        if (_tokens >= pending.Request.MaxNewTokens || _batch.LengthOf(0) >= models.ContextTokens)
        {
            return End("length");
        }

        var token = _sampler.Choose(MemoryMarshal.Cast<byte, float>(_logits!.cpu().bytes));
        if (token == encoder.Tokenizer.EndId)
        {
            return End("stop");
        }

        _tokens++;
        var text = _text.Add(token);
        if (_text.Stopped)
        {
            return End("stop", text: text);
        }

        if (text.Length > 0)
        {
            pending.Answer(new GenerateChunk(pending.Request.Id, text));
        }

        _logits.Dispose();
        _logits = _batch.Step([token]).DetachFromDisposeScope();
        return true;
    }

    public void Dispose()
    {
        _batch?.Dispose();
        _logits?.Dispose();
    }

    private string? Refusal()
    {
        var request = pending.Request;
        return models.Use(request.Model) is null ? $"No model is called '{request.Model}' here."
            : request.Messages is null && request.Prompt is null ? "The request has neither messages nor a prompt."
            : request.Messages?.FirstOrDefault(message => message.Role is not ("system" or "user" or "assistant")) is { } message ? $"The role '{message.Role}' is not known."
            : null;
    }

    /// <summary>The prompt's right end, with room for the answer.</summary>
    private List<int> Prompt()
    {
        var request = pending.Request;
        List<int> ids = request.Messages is { } messages ? encoder.EncodePrompt(messages)
            : [.. encoder.Tokenizer.BeginId is { } begin ? (int[])[begin] : [], .. encoder.Tokenizer.Encode(request.Prompt!)];
        if (ids.Count == 0)
        {
            ids.Add(encoder.Tokenizer.EndId ?? 0); // as at the end of a document, where a new one begins
        }

        var room = models.ContextTokens - Math.Clamp(request.MaxNewTokens, 1, models.ContextTokens / 2);
        return [.. ids.TakeLast(room)];
    }

    private bool End(string reason, string? error = null, string text = "")
    {
        pending.Answer(new GenerateChunk(pending.Request.Id, text + _text.Finish(), reason)
        {
            PromptTokens = _promptTokens,
            CompletionTokens = _tokens,
            Error = error,
        });
        return false;
    }
}
