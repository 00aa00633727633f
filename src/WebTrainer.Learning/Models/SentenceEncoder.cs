using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>An encoder with its tokenizer and pooling: from texts to vectors of length 1.</summary>
public sealed class SentenceEncoder
{
    /// <summary>The two marks around a text and one token of it.</summary>
    internal const int LeastTokens = 3;

    private readonly TextEncoder _encoder;
    private readonly TextTokenizer _tokenizer;
    private readonly SentenceSettings _settings;
    private readonly Device _device;

    private SentenceEncoder(TextEncoder encoder, TextTokenizer tokenizer, SentenceSettings settings, Device device)
    {
        (_encoder, _tokenizer, _settings, _device) = (encoder, tokenizer, settings, device);
        if (tokenizer.Size > encoder.Config.VocabularySize)
        {
            throw new ModelFileException(
                $"The tokenizer knows {tokenizer.Size} tokens, but the model only {encoder.Config.VocabularySize}: they don't belong together."
            );
        }

        if (!tokenizer.ReadsForEncoder)
        {
            throw new ModelFileException("The tokenizer has no [CLS] and [SEP], between which an encoder reads a text.");
        }

        MaximumTokens = Math.Min(encoder.Config.ContextTokens, settings.MaximumTokens ?? int.MaxValue);
        if (MaximumTokens < LeastTokens)
        {
            throw new ModelFileException($"The encoder reads {MaximumTokens} tokens at once, too few for any text.");
        }
    }

    /// <summary>Tokens that are read of a text, its two marks among them.</summary>
    public int MaximumTokens { get; }

    /// <summary>Of the encoder; its hidden size is the length of the vectors.</summary>
    public ModelConfig Config => _encoder.Config;

    /// <summary>Numbers among the encoder's weights.</summary>
    public long ParameterCount => _encoder.ParameterCount;

    /// <exception cref="ModelFileException">The folder is no encoder, or makes its vectors in a way that is not known here.</exception>
    public static SentenceEncoder Load(string folder, ScalarType type, Device device, CancellationToken cancellationToken = default) =>
        new(
            ModelStore.LoadEncoder(folder, type, device, cancellationToken),
            TextTokenizer.Load(folder),
            SentenceSettings.Read(folder),
            device
        );

    /// <summary>Over an encoder that is loaded.</summary>
    /// <exception cref="ModelFileException">The folder makes its vectors in a way that is not known here.</exception>
    internal static SentenceEncoder Of(TextEncoder encoder, TextTokenizer tokenizer, string folder, Device device) =>
        new(encoder, tokenizer, SentenceSettings.Read(folder), device);

    /// <returns>Ids with the marks around them, and whether the text's end was cut off.</returns>
    /// <exception cref="ModelFileException">The tokenizer's own split pattern takes too long.</exception>
    public (int[] Tokens, bool Truncated) Encode(string text)
    {
        var input = _tokenizer.Encode(_settings.LowerCase ? text.ToLowerInvariant() : text, pair: null, MaximumTokens);
        return (input.Ids, input.Truncated);
    }

    /// <param name="texts">From <see cref="Encode"/>.</param>
    /// <returns>float32 <c>[texts, hidden]</c> of length 1, owned by the caller.</returns>
    public Tensor Embed(IReadOnlyList<int[]> texts)
    {
        using var _ = inference_mode();
        using var scope = NewDisposeScope();
        var width = texts.Max(text => text.Length);
        var (ids, mask) = (new long[texts.Count * width], new long[texts.Count * width]);
        for (var row = 0; row < texts.Count; row++)
        {
            for (var i = 0; i < texts[row].Length; i++)
            {
                (ids[(row * width) + i], mask[(row * width) + i]) = (texts[row][i], 1);
            }
        }

        return _encoder
            .Embeddings(
                tensor(ids, [texts.Count, width]).to(_device),
                tensor(mask, [texts.Count, width]).to(_device),
                pooling: _settings.Pooling
            )
            .cpu()
            .MoveToOuterDisposeScope();
    }
}
