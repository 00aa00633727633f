using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>What a training makes smaller: a mean over the rows of a step, each with a weight of its own.</summary>
public interface IObjective
{
    /// <summary>How much a row counts in the mean of a step: its learned tokens, 1 for each pair, or the weight of its label.</summary>
    double Count(TokenRow row);

    /// <summary>The sequences that a pass over these rows runs.</summary>
    IReadOnlyList<TokenRow> Sequences(IReadOnlyList<TokenRow> rows) => rows;

    /// <summary>Called once before the passes of a step, for what is a fact of the whole step.</summary>
    /// <param name="passes">The rows of each forward pass.</param>
    void Begin(IReadOnlyList<IReadOnlyList<TokenRow>> passes) { }

    /// <param name="batch">Of <see cref="Sequences"/>.</param>
    /// <param name="divisor">Sum of <see cref="Count"/> over the whole optimiser step.</param>
    /// <returns>The batch's share of the step's loss, a float32 scalar owned by the caller.</returns>
    Tensor Share(Batch batch, double divisor);
}

/// <summary>
/// Cross entropy of the learned tokens; with smoothing ε (arXiv:1512.00567) that of the target <c>(1-ε)·token + ε/V·all</c>, which is
/// <c>log Σ exp z - (1-ε)·z_token - ε·mean z</c>.
/// </summary>
/// <param name="model">What learns.</param>
/// <param name="smoothing">ε, 0 to 1.</param>
public sealed class AnswerObjective(ILanguageModel model, double smoothing = 0) : IObjective
{
    /// <summary>The learned tokens of the row.</summary>
    public double Count(TokenRow row) => row.LearnedTokens;

    /// <inheritdoc/>
    public Tensor Share(Batch batch, double divisor) => smoothing == 0 ? AnswerLoss.Share(model, batch, divisor) : Smoothed(batch, divisor);

    private Tensor Smoothed(Batch batch, double divisor)
    {
        using var scope = NewDisposeScope();
        var logits = AnswerLoss.LearnedLogits(model, batch).to(ScalarType.Float32); // [learned, vocabulary]
        var wanted = logits.gather(1, batch.Targets.unsqueeze(1)).squeeze(1).Times(1 - smoothing).Plus(logits.mean([-1]).Times(smoothing));
        return (logits.logsumexp(-1) - wanted).sum().Times(1 / divisor).MoveToOuterDisposeScope();
    }
}
