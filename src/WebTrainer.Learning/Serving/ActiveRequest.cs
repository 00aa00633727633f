using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Generation.Constrained;
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
    private readonly int _limit;
    private readonly AnswerGroup _group;
    private readonly int _index;
    private int _tokens;

    /// <param name="pending">Request, and where its answer goes.</param>
    /// <param name="encoder">Of the model.</param>
    /// <param name="adapter">That the answer is made with; null for the base.</param>
    /// <param name="prompt">By <see cref="PromptOf"/>.</param>
    /// <param name="room">Tokens that the model has for an answer.</param>
    /// <param name="group">All answers to the request.</param>
    /// <param name="index">Which of them it is.</param>
    public ActiveRequest(
        PendingRequest pending,
        ConversationEncoder encoder,
        LoraAdapter? adapter,
        List<int> prompt,
        int room,
        AnswerGroup group,
        int index
    )
    {
        (_pending, _encoder, Adapter, _prompt, _group, _index) = (pending, encoder, adapter, prompt, group, index);
        _limit = Math.Min(pending.Request.MaxNewTokens, room);
        _seen = [.. _prompt];
        _text = new(encoder.Tokenizer, pending.Request.Stop);
        _sampler = new(pending.Request.Sampling, group.Seed, index);
        _likelihood = pending.Request.LogProbabilities is { } alternatives ? new(encoder.Tokenizer, alternatives) : null;
    }

    public PendingRequest Pending => _pending;

    public LoraAdapter? Adapter { get; }

    public IReadOnlyList<int> Prompt => _prompt;

    public bool Cancelled { get; set; }

    /// <summary>Tokens of the prompt that had been read before.</summary>
    public int CachedTokens { get; set; }

    /// <summary>Holds the answer to what was asked for; null for any text.</summary>
    public ConstrainedAnswer? Constraint { get; init; }

    /// <summary>Sends the prompt back, where that was asked for.</summary>
    /// <param name="model">With the request's adapter attached.</param>
    public void Echo(ILanguageModel model)
    {
        if (_pending.Request.Trace)
        {
            Send("", null, new TokenTrace { Rendered = _encoder.Tokenizer.DecodeWhole(_prompt), Prompt = _prompt });
        }

        if (_pending.Request.Echo)
        {
            Send(_encoder.Tokenizer.Decode(_prompt), _likelihood?.Of(model, _prompt));
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

        if (_tokens >= _limit)
        {
            return End("length");
        }

        var raw = _likelihood is null ? [] : logits.ToArray();
        Constraint?.Forbid(logits);
        token = _sampler.Choose(logits, _seen);
        if (Constraint is not null)
        {
            if (Constraint.Take(token, _limit - _tokens - 1) is not { } taken)
            {
                return End("stop");
            }

            token = taken;
        }

        if (_encoder.EndIds.Contains(token))
        {
            return End("stop");
        }

        _tokens++;
        _seen.Add(token);
        var text = _text.Add(token);
        if (text.Length > 0 || _likelihood is not null || _pending.Request.Trace)
        {
            Send(
                text,
                _likelihood is null || _text.Stopped ? null : [_likelihood.Of(raw, token)],
                _pending.Request.Trace ? new TokenTrace { Answer = [token] } : null
            );
        }

        return (!_text.Stopped && Constraint?.IsOver != true) || End("stop");
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

    private void Send(string text, IReadOnlyList<TokenLogProbability>? tokens, TokenTrace? trace = null) =>
        _pending.Answer(
            new GenerateChunk(_pending.Request.Id, text)
            {
                Index = _index,
                Tokens = tokens,
                Trace = trace,
            }
        );

    private bool End(string reason)
    {
        var isLast = _group.End(_tokens, _index == 0 ? CachedTokens : 0);
        _pending.Answer(
            new GenerateChunk(_pending.Request.Id, _text.Finish(), reason)
            {
                Index = _index,
                PromptTokens = isLast ? _prompt.Count : null,
                CachedTokens = isLast ? _group.CachedTokens : null,
                CompletionTokens = isLast ? _group.Tokens : null,
            }
        );
        return false;
    }
}

/// <summary>The answers to one request.</summary>
internal sealed class AnswerGroup(GenerateRequest request)
{
    private int _ended;

    /// <summary>Of all draws; each answer has a stream of its own.</summary>
    public long Seed { get; } = request.Seed ?? Random.Shared.NextInt64();

    /// <summary>Written in answers that have ended.</summary>
    public int Tokens { get; private set; }

    /// <summary>Of the first answer's prompt, which the others only repeat.</summary>
    public int CachedTokens { get; private set; }

    /// <returns>Whether it was the last.</returns>
    public bool End(int tokens, int cachedTokens)
    {
        Tokens += tokens;
        CachedTokens += cachedTokens;
        return ++_ended == request.Answers;
    }
}
