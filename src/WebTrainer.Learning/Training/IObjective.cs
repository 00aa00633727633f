using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>What a training makes smaller.</summary>
public interface IObjective
{
    /// <summary>How much a row counts in the mean of a step: its learned tokens, 1 for each pair, or the weight of its label.</summary>
    double Count(TokenRow row);

    /// <summary>The sequences that a pass over these rows runs.</summary>
    IReadOnlyList<TokenRow> Sequences(IReadOnlyList<TokenRow> rows) => rows;

    /// <param name="batch">Of <see cref="Sequences"/>.</param>
    /// <param name="divisor">Sum of <see cref="Count"/> over the whole optimiser step.</param>
    /// <returns>The batch's share of the step's loss, a float32 scalar owned by the caller.</returns>
    Tensor Share(Batch batch, double divisor);
}

/// <summary>Cross entropy of the learned tokens.</summary>
public sealed class AnswerObjective(CausalLM model) : IObjective
{
    public double Count(TokenRow row) => row.LearnedTokens;

    public Tensor Share(Batch batch, double divisor) => AnswerLoss.Share(model, batch, divisor);
}
