using System.Runtime.InteropServices;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Serving;

/// <summary>Vectors of a request's texts, made a few at a time.</summary>
internal sealed class VectorWork
{
    /// <summary>Tokens of a pass through the layers, padding counted.</summary>
    private const int BatchTokens = 4096;

    private readonly List<int[]> _texts;
    private readonly byte[][] _vectors;
    private readonly Queue<int> _left;

    /// <param name="texts">In any order; each at least its marks.</param>
    private VectorWork(List<int[]> texts)
    {
        (_texts, _vectors) = (texts, new byte[texts.Count][]);
        _left = new(Enumerable.Range(0, texts.Count).OrderByDescending(place => texts[place].Length)); // alike in length, little padding
    }

    /// <summary>Tokens of all texts, with their marks.</summary>
    public int Tokens => _texts.Sum(text => text.Length);

    public bool IsDone => _left.Count == 0;

    /// <summary>In the order of the texts, once all are done.</summary>
    public IReadOnlyList<byte[]> Vectors => _vectors;

    /// <returns>The work, or a sentence on the text that the encoder doesn't read whole.</returns>
    public static (VectorWork? Work, string? Refusal) Of(SentenceEncoder encoder, IReadOnlyList<TextToClassify> texts)
    {
        var encoded = new List<int[]>();
        foreach (var text in texts)
        {
            var (tokens, truncated) = encoder.Encode(text.Text);
            if (truncated)
            {
                return (
                    null,
                    $"input[{encoded.Count}] is longer than the {encoder.MaximumTokens} tokens that this encoder reads. Send a shorter text, or its parts."
                );
            }

            encoded.Add(tokens);
        }

        return (new VectorWork(encoded), null);
    }

    /// <summary>Makes some of the vectors that are left.</summary>
    public void Go(SentenceEncoder encoder)
    {
        var count = Math.Max(1, BatchTokens / _texts[_left.Peek()].Length);
        int[] places = [.. Enumerable.Range(0, Math.Min(count, _left.Count)).Select(_ => _left.Dequeue())];
        using var vectors = encoder.Embed([.. places.Select(place => _texts[place])]); // [texts, hidden]
        var values = MemoryMarshal.AsBytes(vectors.data<float>().ToArray().AsSpan());
        var width = values.Length / places.Length;
        for (var row = 0; row < places.Length; row++)
        {
            _vectors[places[row]] = values.Slice(row * width, width).ToArray();
        }
    }
}
