using System.Runtime.InteropServices;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Serving;

/// <summary>
/// Keys and values of prompts that have been read, block by block, so that prompts that begin alike are read from where they part (as in
/// vLLM, arXiv:2309.06180, and SGLang's radix tree, arXiv:2312.07104). What one adapter has read is of no use to another. Past the limit of
/// memory the block goes that was not used for longest and on which none builds.
/// </summary>
/// <remarks>
/// Prompts are always read in these blocks, whether any was kept or not: the same products of the same sizes give the same bits.
/// </remarks>
internal sealed class PrefixCache(long mostBytes) : IDisposable
{
    /// <summary>
    /// Tokens of a block; what is left of a prompt behind its last whole one is read anew each time. Half as many cost a third of the speed
    /// at which new prompts are read.
    /// </summary>
    public const int BlockTokens = 128;

    private readonly Dictionary<(ILanguageModel Model, LoraAdapter? Adapter), Block> _roots = [];
    private readonly HashSet<Block> _kept = [];
    private long _uses;

    /// <summary>Memory in use.</summary>
    public long Bytes { get; private set; }

    /// <summary>Tokens of all prompts so far.</summary>
    public long PromptTokens { get; private set; }

    /// <summary>Those of them that were not computed again.</summary>
    public long CachedTokens { get; private set; }

    /// <summary>Reads a prompt.</summary>
    /// <param name="model">With the adapter attached.</param>
    /// <param name="adapter">Null for the base.</param>
    /// <param name="prompt">At least one token.</param>
    /// <returns>A batch of one row and its next token's scores, both owned by the caller, and how many tokens were known.</returns>
    public (DecodingBatch Batch, Tensor Logits, int Cached) Read(ILanguageModel model, LoraAdapter? adapter, IReadOnlyList<int> prompt)
    {
        var (sequence, first) = model.Begin([prompt])[0];
        int[] tokens = [.. first];
        var batch = DecodingBatch.Of(model, sequence);
        var isWhole = !IsReadInBlocks(model.Config);
        var block = isWhole || mostBytes == 0 ? null : RootOf(model, adapter);
        var cached = Restore(sequence, ref block, tokens);
        (PromptTokens, CachedTokens) = (PromptTokens + prompt.Count, CachedTokens + cached);
        Tensor? logits = null;
        for (var at = cached; at < tokens.Length; )
        {
            var count = isWhole ? tokens.Length : Math.Min(BlockTokens, tokens.Length - at);
            logits?.Dispose();
            logits = batch.Read(tokens[at..(at + count)]);
            if (block is not null && count == BlockTokens)
            {
                block = Keep(block, tokens.AsSpan(at, count), sequence.Copy(at, count));
            }

            at += count;
        }

        Trim();
        return (batch, logits!, cached);
    }

    public void Dispose()
    {
        foreach (var block in _kept)
        {
            block.Values!.Dispose();
        }

        _kept.Clear();
        _roots.Clear();
    }

    /// <summary>An encoder reads its prompt as a whole, and so does a decoder that turns all of a longer text otherwise.</summary>
    private static bool IsReadInBlocks(ModelConfig config) =>
        !config.IsEncoderDecoder && (config.Rotary?.Scaling is not { } scaling || scaling.StageOf(config.ContextTokens) == 0);

    private Block RootOf(ILanguageModel model, LoraAdapter? adapter) =>
        _roots.TryGetValue((model, adapter), out var root) ? root : _roots[(model, adapter)] = new Block(null, "", null);

    /// <summary>Fills the sequence with the blocks that are kept; the last token is left, since its scores are wanted.</summary>
    private int Restore(CachedSequence sequence, ref Block? block, int[] tokens)
    {
        var (values, at) = (new List<Tensor>(), 0);
        while (
            block is not null
            && at + BlockTokens < tokens.Length
            && block.Next.TryGetValue(KeyOf(tokens.AsSpan(at, BlockTokens)), out var next)
        )
        {
            (block, next.Used) = (next, ++_uses);
            values.Add(next.Values!);
            at += BlockTokens;
        }

        if (at > 0)
        {
            sequence.Restore(values, tokens[..at]);
        }

        return at;
    }

    private Block Keep(Block before, ReadOnlySpan<int> tokens, Tensor values)
    {
        var key = KeyOf(tokens);
        if (before.Next.TryGetValue(key, out var known))
        {
            values.Dispose(); // the last block of a prompt, which was read for its scores
            known.Used = ++_uses;
            return known;
        }

        var block = before.Next[key] = new Block(before, key, values) { Used = ++_uses };
        _kept.Add(block);
        Bytes += block.Bytes;
        return block;
    }

    private void Trim()
    {
        while (Bytes > mostBytes && _kept.Where(block => block.Next.Count == 0).MinBy(block => block.Used) is { } oldest)
        {
            _kept.Remove(oldest);
            oldest.Before!.Next.Remove(oldest.Key);
            Bytes -= oldest.Bytes;
            oldest.Values!.Dispose();
        }
    }

    private static string KeyOf(ReadOnlySpan<int> tokens) => new(MemoryMarshal.Cast<int, char>(tokens));

    /// <param name="Before">The block that it stands behind; null for the beginning.</param>
    /// <param name="Key">Its tokens.</param>
    /// <param name="Values">Keys and values of its tokens; null for the beginning.</param>
    private sealed record Block(Block? Before, string Key, Tensor? Values)
    {
        public Dictionary<string, Block> Next { get; } = new(StringComparer.Ordinal);

        public long Used { get; set; }

        public long Bytes { get; } = Values is null ? 0 : Values.numel() * Values.element_size();

        public bool Equals(Block? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
