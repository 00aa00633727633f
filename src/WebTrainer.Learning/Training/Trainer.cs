using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Privacy;
using WebTrainer.Statistics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Does optimiser steps. Knows nothing of files, people or time; a run's loop around it does.</summary>
public sealed class Trainer(
    ITunable model,
    IReadOnlyList<TrainedParameter> parameters,
    IOptimizer optimizer,
    TrainerSettings settings,
    IObjective objective,
    PrivateGradients? privacy = null
)
{
    /// <summary>Rows of a forward pass at most; falls when memory runs out.</summary>
    public int RowsPerPass { get; private set; } = int.MaxValue;

    /// <summary>Memory ran out, and passes have fewer rows from now on. The step is done again from its begin.</summary>
    public event Action<int>? PassesShrank;

    /// <summary>The model under training; a step switches its dropout on, and off again at its end.</summary>
    public ITunable Model => model;

    /// <summary>Does the updates; its state is part of a checkpoint.</summary>
    public IOptimizer Optimizer => optimizer;

    /// <summary>The weights that learn, as the optimiser has them.</summary>
    public IReadOnlyList<TrainedParameter> Parameters => parameters;

    /// <summary>What each step makes smaller; told the whole step's rows before its passes.</summary>
    public IObjective Objective => objective;

    /// <summary>
    /// One optimiser step over one or more forward passes. The loss is the mean over the learned tokens (or pairs) of the whole step,
    /// so how rows are spread over the passes doesn't change what is learned.
    /// </summary>
    /// <param name="step">Number of the step: with the seed it decides every random choice in it.</param>
    /// <param name="batches">Rows of each forward pass; where memory runs out, passes are halved from then on.</param>
    /// <param name="learningRate">Of this step; 0 changes no weight.</param>
    /// <exception cref="DivergedException">Loss or gradient is no finite number; the weights were not changed.</exception>
    public StepResult Step(int step, IReadOnlyList<IReadOnlyList<TokenRow>> batches, double learningRate)
    {
        while (true)
        {
            try
            {
                return TryStep(step, batches, learningRate);
            }
            catch (Exception exception) when (OutOfMemory.Caused(exception) && LargestPass(batches) > 1)
            {
                // Half of the rows twice is the same batch: losses are summed and divided by the whole step's tokens.
                RowsPerPass = (LargestPass(batches) + 1) / 2;
                ClearGradients();
                privacy?.Clear();
                PassesShrank?.Invoke(RowsPerPass);
            }
        }
    }

    private int LargestPass(IReadOnlyList<IReadOnlyList<TokenRow>> batches) => Math.Min(RowsPerPass, batches.Max(rows => rows.Count));

    private StepResult TryStep(int step, IReadOnlyList<IReadOnlyList<TokenRow>> batches, double learningRate)
    {
        manual_seed(unchecked((long)SplitMix.Of(settings.Seed, step).Next() & long.MaxValue));
        model.Training = true;
        model.Checkpointing = settings.Checkpointing;
        var learned = batches.Sum(rows => rows.Sum(objective.Count));
        var (loss, tokens) = (0.0, 0);
        // A private step's gradients are not those of the mean: each row's sum is weighed and clipped by itself.
        var divisor = privacy is null ? learned : 1;
        List<TokenRow[]> passes = privacy?.Split(batches, RowsPerPass) ?? [.. batches.SelectMany(rows => rows.Chunk(RowsPerPass))];
        objective.Begin(passes);
        foreach (var rows in passes)
        {
            var sequences = objective.Sequences(rows);
            using var batch =
                settings.PackTokens > 0
                    ? Batch.Packed(sequences, settings.PackTokens, settings.PaddingId, model.Device)
                    : Batch.Of(sequences, settings.PaddingId, model.Device);
            privacy?.BeginPass(batch);
            var share = Backward(batch, divisor);
            if (!double.IsFinite(share))
            {
                throw new DivergedException(step, share, double.NaN, model.FindNotFinite(batch));
            }

            privacy?.AddPass(batch, objective.Count);
            loss += share / (learned / divisor);
            tokens += batch.Tokens;
        }

        optimizer.AddPenalties();
        privacy?.AddNoise(step);
        var norm = GradientNorm.Clip(parameters, privacy is null ? settings.MaxGradientNorm : 0);
        if (!double.IsFinite(norm))
        {
            throw new DivergedException(step, loss, norm, FirstBrokenGradient());
        }

        optimizer.Step(learningRate);
        ClearGradients();
        model.Training = false;
        return new(passes.Count == 0 ? double.NaN : loss, norm, tokens);
    }

    private string? FirstBrokenGradient() =>
        parameters.FirstOrDefault(parameter => parameter.Tensor.grad is { } gradient && !gradient.isfinite().all().item<bool>())
            is { } broken
            ? $"gradient of {broken.Name}"
            : null;

    private double Backward(Batch batch, double learned)
    {
        using var scope = NewDisposeScope();
        var loss = objective.Share(batch, learned);
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

/// <param name="Seed">With the number of the step it decides dropout and noise.</param>
/// <param name="MaxGradientNorm">L2 norm to which a larger gradient is shortened.</param>
/// <param name="PaddingId">Token that fills short rows; never learned, never seen by others.</param>
/// <param name="PackTokens">Length of the sequences that rows are packed into; 0 for a sequence a row.</param>
/// <param name="Checkpointing">Compute layers again in the backward pass.</param>
public sealed record TrainerSettings(long Seed, double MaxGradientNorm, int PaddingId, int PackTokens = 0, bool Checkpointing = false);

/// <param name="Loss">Mean over the step's learned tokens, pairs or labels before the update, in nats; NaN where a private step took no
/// row.</param>
/// <param name="GradientNorm">L2 norm before clipping.</param>
/// <param name="Tokens">Tokens seen, padding not counted.</param>
public sealed record StepResult(double Loss, double GradientNorm, int Tokens);
