using WebTrainer.Learning.Batching;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Puts what a benchmark asks into tokens.</summary>
internal sealed class PromptTokens(ConversationEncoder encoder)
{
    private readonly Dictionary<string, IReadOnlyList<int>> _texts = new(StringComparer.Ordinal);

    /// <summary>What stands before every text: begin, or the end of the document before it.</summary>
    public int? Prefix => encoder.Tokenizer.BeginId ?? encoder.Tokenizer.EndId;

    public List<int> Of(Prompt prompt) =>
        prompt.Messages is { } messages
            ? [.. encoder.EncodePrompt(messages), .. prompt.Text is { } begun ? encoder.Tokenizer.Encode(begun) : []]
        : encoder.IsApart ? encoder.EncodePrompt(prompt.Text!)
        : Begun(encoder.Tokenizer.Encode(prompt.Text!));

    /// <summary>
    /// Prompt and continuation. Of plain text both are encoded in one, since a tokenizer may join their border (the convention of
    /// lm-evaluation-harness: spaces at the prompt's end belong to the continuation).
    /// </summary>
    /// <returns>All tokens, and where the continuation begins.</returns>
    public (List<int> Tokens, int Start) Of(ContinuationRequest request)
    {
        if (request.Prompt.Messages is not null)
        {
            var before = Of(request.Prompt);
            var said = request.Prompt.Text is null && !request.Ends ? request.Continuation.TrimStart() : request.Continuation;
            return ([.. before, .. request.Ends ? encoder.EncodeAnswer(said) : encoder.Tokenizer.Encode(said)], before.Count);
        }

        var text = request.Prompt.Text!;
        var plain = text.TrimEnd(' ');
        if (encoder.IsApart)
        {
            var before = encoder.EncodePrompt(plain);
            return ([.. before, .. encoder.Tokenizer.Encode(text[plain.Length..] + request.Continuation)], before.Count);
        }

        var prompt = plain.Length == 0 ? [] : Cached(plain);
        var whole = encoder.Tokenizer.Encode(text + request.Continuation);
        var tokens = Begun(whole);
        return (tokens, Math.Clamp(tokens.Count - whole.Count + prompt.Count, 1, tokens.Count - 1));
    }

    public IReadOnlyList<int> Plain(string text) => encoder.Tokenizer.Encode(text);

    /// <summary>Several continuations share a prompt, one after the other.</summary>
    private IReadOnlyList<int> Cached(string text)
    {
        if (_texts.TryGetValue(text, out var known))
        {
            return known;
        }

        _texts.Clear();
        return _texts[text] = encoder.Tokenizer.Encode(text);
    }

    private List<int> Begun(IReadOnlyList<int> tokens) =>
        encoder.Tokenizer.BeginId is { } begin ? [begin, .. tokens]
        : tokens.Count < 2 && Prefix is { } prefix ? [prefix, .. tokens]
        : [.. tokens];
}
