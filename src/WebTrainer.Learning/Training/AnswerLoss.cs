using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Kernels;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Cross entropy of the learned tokens, -log p(next token), in nats. Only learned positions reach the head.</summary>
public static class AnswerLoss
{
    /// <summary>The loss to learn from: of one batch, as its part of the mean over a step.</summary>
    /// <param name="model">With gradients where it is to learn.</param>
    /// <param name="batch">Says which positions are learned.</param>
    /// <param name="divisor">Learned tokens of the whole optimiser step.</param>
    /// <returns>Sum over the batch's learned tokens divided by <paramref name="divisor"/>, a float32 scalar owned by the caller.</returns>
    public static Tensor Share(ILanguageModel model, Batch batch, double divisor)
    {
        using var scope = NewDisposeScope();
        var logits = LearnedLogits(model, batch); // [learned, vocabulary]
        var loss = Kernel.Fits(logits, logits.shape[^1])
            ? CrossEntropyKernel.Apply(logits, batch.Targets, divisor)
            : nn.functional.cross_entropy(logits.to(ScalarType.Float32), batch.Targets, reduction: nn.Reduction.Sum).Times(1 / divisor);
        return loss.MoveToOuterDisposeScope();
    }

    /// <returns>Sum over the batch's learned tokens, a float32 scalar owned by the caller.</returns>
    public static Tensor Sum(ILanguageModel model, Batch batch)
    {
        using var scope = NewDisposeScope();
        var logits = LearnedLogits(model, batch); // [learned, vocabulary]
        return nn
            .functional.cross_entropy(logits.to(ScalarType.Float32), batch.Targets, reduction: nn.Reduction.Sum)
            .MoveToOuterDisposeScope();
    }

    /// <returns>Loss of each learned token, <c>[learned]</c>, row by row.</returns>
    public static Tensor PerToken(ILanguageModel model, Batch batch)
    {
        using var scope = NewDisposeScope();
        var logits = LearnedLogits(model, batch);
        return nn
            .functional.cross_entropy(logits.to(ScalarType.Float32), batch.Targets, reduction: nn.Reduction.None)
            .MoveToOuterDisposeScope();
    }

    /// <returns>Scores at the places before each learned token, <c>[learned, vocabulary]</c>.</returns>
    internal static Tensor LearnedLogits(ILanguageModel model, Batch batch) => model.Logits(model.LearnedStates(batch));
}
