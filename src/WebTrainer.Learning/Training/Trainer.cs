using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Does optimiser steps. Knows nothing of files, people or time; a run's loop around it does.</summary>
public sealed class Trainer(CausalLM model, IReadOnlyList<TrainedParameter> parameters, IOptimizer optimizer, TrainerSettings settings)
{
    public CausalLM Model => model;

    public IOptimizer Optimizer => optimizer;

    public IReadOnlyList<TrainedParameter> Parameters => parameters;

    /// <summary>
    /// One optimiser step over one or more forward passes. The loss is the mean over the learned tokens of the whole step,
    /// so how rows are spread over the passes doesn't change what is learned.
    /// </summary>
    /// <param name="step">Number of the step: with the seed it decides every random choice in it.</param>
    /// <exception cref="DivergedException">Loss or gradient is no finite number; the weights were not changed.</exception>
    public StepResult Step(int step, IReadOnlyList<IReadOnlyList<TokenRow>> batches, double learningRate)
    {
        manual_seed(unchecked((long)SplitMix.Of(settings.Seed, step).Next() & long.MaxValue));
        model.Training = true;
        var learned = batches.Sum(rows => rows.Sum(row => (long)row.LearnedTokens));
        var (loss, tokens) = (0.0, 0);
        foreach (var rows in batches)
        {
            using var batch = Batch.Of(rows, settings.PaddingId, model.Device);
            loss += Backward(batch, learned);
            tokens += batch.Tokens;
        }

        var norm = GradientNorm.Clip(parameters, settings.MaxGradientNorm);
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            throw new DivergedException(step, loss, norm);
        }

        optimizer.Step(learningRate);
        ClearGradients();
        model.Training = false;
        return new(loss, norm, tokens, learned);
    }

    private double Backward(Batch batch, long learned)
    {
        using var scope = NewDisposeScope();
        var loss = AnswerLoss.Share(model, batch, learned);
        loss.backward();
        return loss.item<float>();
    }

    private void ClearGradients()
    {
        foreach (var (_, tensor, _) in parameters)
        {
            tensor.grad?.zero_();
        }
    }
}

/// <param name="PaddingId">Token that fills short rows; never learned, never seen by others.</param>
public sealed record TrainerSettings(long Seed, double MaxGradientNorm, int PaddingId);

/// <param name="Loss">Mean over the step's learned tokens before the update, in nats.</param>
/// <param name="GradientNorm">L2 norm before clipping.</param>
/// <param name="Tokens">Tokens seen, padding not counted.</param>
public sealed record StepResult(double Loss, double GradientNorm, int Tokens, long LearnedTokens);
