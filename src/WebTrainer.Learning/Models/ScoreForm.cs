using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// How products of queries and keys become the weights by which values are mixed: scaled, capped where the family caps, then softmax, in
/// which a sink may take part that mixes nothing in.
/// </summary>
/// <param name="Scale">Of the products, usually 1/√head.</param>
/// <param name="Cap">Scores become <c>c·tanh(s/c)</c> (Gemma 2); null for none.</param>
/// <param name="Sinks">A score of each head's sink, <c>[heads]</c> (gpt-oss); null for none.</param>
internal sealed record ScoreForm(double Scale, double? Cap = null, Tensor? Sinks = null)
{
    /// <summary>Only scaled, as the kernels do it.</summary>
    public bool IsPlain => Cap is null && Sinks is null;

    /// <param name="products"><c>[…, heads, tokens, columns]</c></param>
    /// <param name="mask">Additive, to be broadcast.</param>
    /// <returns>float32, as the products.</returns>
    public Tensor Weights(Tensor products, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var scores = products.to(ScalarType.Float32).Times(Scale);
        scores = Cap is { } cap ? scores.Times(1 / cap).tanh().Times(cap) : scores;
        scores = scores.Plus(mask);
        return (Sinks is null ? scores.softmax(-1) : WithSinks(scores, Sinks)).MoveToOuterDisposeScope();
    }

    private static Tensor WithSinks(Tensor scores, Tensor sinks)
    {
        long[] shape = [.. scores.shape[..^1], 1];
        var sink = sinks.to(ScalarType.Float32).view(-1, 1, 1).expand(shape);
        return cat([scores, sink], -1).softmax(-1).narrow(-1, 0, scores.shape[^1]);
    }
}
