using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Serving;

/// <summary>One answer in the making: chooses its tokens and sends their text as it is certain.</summary>
internal sealed class ActiveRequest
{
    private readonly PendingRequest _pending;
    private readonly ConversationEncoder _encoder;
    private readonly TextStream _text;
    private readonly Sampler _sampler;
    private readonly TokenLikelihood? _likelihood;
    private readonly HashSet<int> _seen;
    private readonly List<int> _prompt;
    private readonly int _room;
    private int _tokens;

    /// <param name="pending">Request, and where its answer goes.</param>
    /// <param name="encoder">Of the model.</param>
    /// <param name="adapter">That the answer is made with; null for the base.</param>
    /// <param name="prompt">By <see cref="PromptOf"/>.</param>
    /// <param name="room">Tokens that the model has for an answer.</param>
    public ActiveRequest(PendingRequest pending, ConversationEncoder encoder, LoraAdapter? adapter, List<int> prompt, int room)
    {
        (_pending, _encoder, Adapter, _prompt, _room) = (pending, encoder, adapter, prompt, room);
        _seen = [.. _prompt];
        _text = new(encoder.Tokenizer, pending.Request.Stop);
        _sampler = new(pending.Request.Sampling, pending.Request.Seed ?? Random.Shared.NextInt64());
        _likelihood = pending.Request.LogProbabilities is { } alternatives ? new(encoder.Tokenizer, alternatives) : null;
    }

    public PendingRequest Pending => _pending;

    public LoraAdapter? Adapter { get; }

    public IReadOnlyList<int> Prompt => _prompt;

    public bool Cancelled { get; set; }

    /// <summary>Sends the prompt back, where that was asked for.</summary>
    /// <param name="model">With the request's adapter attached.</param>
    public void Echo(ILanguageModel model)
    {
        if (_pending.Request.Echo)
        {
            _pending.Answer(
                new GenerateChunk(_pending.Request.Id, _encoder.Tokenizer.Decode(_prompt)) { Tokens = _likelihood?.Of(model, _prompt) }
            );
        }
    }

    /// <summary>Chooses the next token and sends what text is certain.</summary>
    /// <param name="logits">Scores of all tokens; overwritten.</param>
    /// <param name="token">To be run next.</param>
    /// <returns>False when the answer is over; its end has been sent.</returns>
    public bool Choose(Span<float> logits, out int token)
    {
        token = 0;
        if (Cancelled)
        {
            return End("cancelled");
        }

        if (_tokens >= Math.Min(_pending.Request.MaxNewTokens, _room))
        {
            return End("length");
        }

        var raw = _likelihood is null ? [] : logits.ToArray();
        token = _sampler.Choose(logits, _seen);
        if (_encoder.EndIds.Contains(token))
        {
            return End("stop");
        }

        _tokens++;
        _seen.Add(token);
        var text = _text.Add(token);
        if (_text.Stopped)
        {
            return End("stop", text);
        }

        if (text.Length > 0 || _likelihood is not null)
        {
            _pending.Answer(
                new GenerateChunk(_pending.Request.Id, text) { Tokens = _likelihood is null ? null : [_likelihood.Of(raw, token)] }
            );
        }

        return true;
    }

    /// <summary>All of the prompt: what is too long is refused and never cut, for the answer would be to something else.</summary>
    public static List<int> PromptOf(GenerateRequest request, ConversationEncoder encoder)
    {
        var ids = request.Messages is { } messages ? encoder.EncodePrompt(messages) : encoder.EncodePrompt(request.Prompt!);
        if (ids.Count == 0)
        {
            ids.Add(encoder.Tokenizer.EndId ?? 0); // as at the end of a document, where a new one begins
        }

        return ids;
    }

    private bool End(string reason, string text = "")
    {
        _pending.Answer(
            new GenerateChunk(_pending.Request.Id, text + _text.Finish(), reason)
            {
                PromptTokens = _prompt.Count,
                CompletionTokens = _tokens,
            }
        );
        return false;
    }
}
