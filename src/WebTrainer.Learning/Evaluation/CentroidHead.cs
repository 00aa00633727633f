using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>
/// What an untouched encoder knows of the labels: a text has the label whose training rows' mean lies nearest. With means c and one
/// variance σ² for all directions, <c>log p(label | x) ∝ (x·c - |c|²/2) / σ²</c>, so nearest mean and a linear head are the same thing
/// (linear discriminant analysis with equal spherical covariances; Hastie, Tibshirani and Friedman, section 4.3).
/// </summary>
internal static class CentroidHead
{
    /// <param name="vectors">Of the training rows, all of one length.</param>
    /// <param name="places">Label of each.</param>
    /// <param name="labels">How many there are, those without rows among them.</param>
    /// <returns>Weight <c>[labels, hidden]</c> and bias <c>[labels]</c>, owned by the caller. A label without rows is never
    /// chosen.</returns>
    public static (Tensor Weight, Tensor Bias) Of(IReadOnlyList<float[]> vectors, IReadOnlyList<int> places, int labels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var x = tensor(vectors.SelectMany(vector => vector).ToArray(), [vectors.Count, vectors[0].Length]); // [rows, hidden]
        var label = tensor(places.Select(place => (long)place).ToArray());
        var counts = zeros([labels]).index_add(0, label, ones([vectors.Count]), alpha: 1); // [labels]
        var means = zeros([labels, x.shape[1]]).index_add(0, label, x, alpha: 1) / counts.clamp_min(1).unsqueeze(1);
        var variance = (x - means.index_select(0, label)).square().mean().clamp_min(1e-6);
        var bias = (means.square().sum(1) / -2 / variance).where(counts > 0, full([labels], float.NegativeInfinity));
        return ((means / variance).MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope());
    }
}
