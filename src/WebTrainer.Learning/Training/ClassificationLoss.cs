using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>
/// What a classifier's scores lose against targets, as sums over rows. With scores z, targets t and weights w of the labels:
/// one label <c>-Σₖ wₖ·((1-ε)·tₖ + ε/K)·log softmax(z)ₖ</c>, several labels <c>Σₖ wₖ·BCE(σ(zₖ), (1-ε)·tₖ + ε/2) / K</c>, a number <c>(z -
/// t)²</c>. With ε = 0, w = 1 and sure labels these are the losses of transformers' sequence classification classes; the general forms are
/// those of torch's cross_entropy with probabilities, class weights and label smoothing.
/// </summary>
/// <param name="kind">What the scores stand for.</param>
/// <param name="labels">K, 1 for a number.</param>
/// <param name="smoothing">ε, 0 to below 1.</param>
/// <param name="weights">Of each label, float32 <c>[labels]</c>; null where all count the same.</param>
public sealed class ClassificationLoss(ClassificationKind kind, int labels, double smoothing = 0, IReadOnlyList<float>? weights = null)
{
    /// <summary>Probability of what never happens, where its logarithm is asked.</summary>
    private const double Rare = 1e-6;

    /// <summary>What a row counts in the mean: the weight of its label where it is sure, else 1.</summary>
    public double Count(RowTarget target) =>
        kind == ClassificationKind.OneLabel && weights is not null && target.IsHard ? weights[target.Labels[0]] : 1;

    /// <param name="scores">float32 <c>[rows, labels]</c>, or <c>[rows, 1]</c> for numbers.</param>
    /// <param name="targets">Of each row.</param>
    /// <returns>Loss of each row, float32 <c>[rows]</c>, owned by the caller; a mean divides their sum by that of
    /// <see cref="Count"/>.</returns>
    public Tensor OfRows(Tensor scores, IReadOnlyList<RowTarget> targets)
    {
        using var scope = NewDisposeScope();
        var wanted = Dense(targets, scores.device); // [rows, labels]
        return (
            kind switch
            {
                ClassificationKind.OneLabel => Weighed(wanted.Times(1 - smoothing).Plus(smoothing / labels) * scores.log_softmax(-1))
                    .sum(-1)
                    .neg(),
                ClassificationKind.SeveralLabels => Weighed(
                        nn.functional.binary_cross_entropy_with_logits(
                            scores,
                            wanted.Times(1 - smoothing).Plus(smoothing / 2),
                            reduction: nn.Reduction.None
                        )
                    )
                    .mean([-1]),
                _ => (scores - wanted).square().sum(-1),
            }
        ).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The least that one answer to all rows loses: what a classifier has not yet learned anything below. In nats, as the mean loss of a
    /// step.
    /// </summary>
    public double OfGuessing(IReadOnlyList<RowTarget> targets)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return (OfRows(Guess(targets).expand(targets.Count, -1), targets).sum() / Counts(targets).sum()).item<float>();
    }

    /// <summary>
    /// Scores of the one answer to all rows that loses least: logarithms of the labels' shares, log-odds of each label, the mean number.
    /// </summary>
    /// <returns>float32 <c>[1, labels]</c>, owned by the caller.</returns>
    public Tensor Guess(IReadOnlyList<RowTarget> targets)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var wanted = Dense(targets, CPU); // [rows, labels]
        var mean = Weighed(wanted).sum(0, keepdim: true) / Counts(targets).sum(); // [1, labels]
        return (
            kind switch
            {
                ClassificationKind.OneLabel => (mean / mean.sum()).Times(1 - smoothing).Plus(smoothing / labels).clamp_min(Rare).log(),
                ClassificationKind.SeveralLabels => wanted
                    .mean([0], keepdim: true)
                    .Times(1 - smoothing)
                    .Plus(smoothing / 2)
                    .clamp(Rare, 1 - Rare)
                    .logit(),
                _ => wanted.mean([0], keepdim: true),
            }
        ).MoveToOuterDisposeScope();
    }

    private Tensor Counts(IReadOnlyList<RowTarget> targets) =>
        tensor(targets.Select(target => (float)Count(target)).ToArray()).unsqueeze(1);

    private Tensor Weighed(Tensor losses) => weights is null ? losses : losses * tensor(weights.ToArray(), device: losses.device);

    private Tensor Dense(IReadOnlyList<RowTarget> targets, Device device)
    {
        var width = kind == ClassificationKind.Number ? 1 : labels;
        var values = new float[targets.Count * width];
        for (var row = 0; row < targets.Count; row++)
        {
            var (places, shares) = (targets[row].Labels, targets[row].Shares);
            for (var i = 0; i < shares.Length; i++)
            {
                values[(row * width) + (places.Length == 0 ? 0 : places[i])] = shares[i];
            }
        }

        return tensor(values, [targets.Count, width], device: device);
    }

    /// <summary>rows / (labels · rows of the label), from what is learned; labels that no row has weigh 1.</summary>
    public static float[] Balanced(IEnumerable<RowTarget> targets, int labels)
    {
        var (counts, rows) = (new double[labels], 0);
        foreach (var target in targets)
        {
            rows++;
            for (var i = 0; i < target.Labels.Length; i++)
            {
                counts[target.Labels[i]] += target.Shares[i];
            }
        }

        return [.. counts.Select(count => count > 0 ? (float)(rows / (labels * count)) : 1f)];
    }
}
