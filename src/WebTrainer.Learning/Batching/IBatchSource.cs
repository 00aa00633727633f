namespace WebTrainer.Learning.Batching;

/// <summary>Says which rows each optimiser step learns from: a pure function of the step, so a resumed run needs no position.</summary>
public interface IBatchSource
{
    /// <summary>Optimiser steps of the whole run, at least 1.</summary>
    int TotalSteps { get; }

    /// <summary>Optimiser steps of one pass over the data.</summary>
    int StepsPerEpoch { get; }

    /// <summary>Rows of the step's forward passes.</summary>
    /// <param name="step">From 1.</param>
    IReadOnlyList<IReadOnlyList<TokenRow>> BatchesOf(int step);

    /// <summary>Passes over the data after the step.</summary>
    double EpochAfter(int step);
}
