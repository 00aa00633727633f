using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>What a training makes smaller.</summary>
public interface IObjective
{
    /// <param name="divisor">Learned tokens of the whole optimiser step.</param>
    /// <returns>The batch's share of the step's loss, a float32 scalar owned by the caller.</returns>
    Tensor Share(CausalLM model, Batch batch, double divisor);
}

/// <summary>Cross entropy of the learned tokens.</summary>
public sealed class AnswerObjective : IObjective
{
    public Tensor Share(CausalLM model, Batch batch, double divisor) => AnswerLoss.Share(model, batch, divisor);
}
