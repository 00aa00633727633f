namespace WebTrainer.Protocol;

/// <summary>What a run would do and take, found before it starts by the code that would run it.</summary>
public sealed record RunPlan
{
    /// <summary>Sequences to learn from; a conversation with several learned answers may give more than one.</summary>
    public required long TrainRows { get; init; }

    /// <summary>Tokens of one pass over the training rows.</summary>
    public required long TokensPerEpoch { get; init; }

    /// <summary>Tokens whose loss counts, of one pass.</summary>
    public required long LearnedTokensPerEpoch { get; init; }

    /// <summary>Rows longer than the context, which lose the left end of their prompt.</summary>
    public required long TruncatedRows { get; init; }

    /// <summary>The template ends answers with no token of its own, so the tokenizer's end is put there.</summary>
    public bool AppendsEnd { get; init; }

    /// <summary>Rows with what of tools the chat template has no form for; null where it has one for all that is there.</summary>
    public UnshownTools? UnshownTools { get; init; }

    /// <summary>Tokens of the longest sequence, after it was cut to the context.</summary>
    public required int LongestRowTokens { get; init; }

    /// <summary>Half of the sequences are no longer, in tokens.</summary>
    public required int MedianRowTokens { get; init; }

    /// <summary>Optimiser steps of the whole run.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Numbers that learn: an adapter's, a head's, or all of the model's.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Numbers of the model, and of the adapter where there is one.</summary>
    public required long TotalParameters { get; init; }

    /// <summary>Measured on real steps on <see cref="Device"/>.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>What it was measured on: <c>cpu</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = DeviceName.Cpu;

    /// <summary>Reckoned from the settings, before anything is loaded.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Highest resident memory of the process during those steps, and one with the longest rows.</summary>
    public long MeasuredMemoryBytes { get; init; }

    /// <summary>What the machine still had free; null where it doesn't tell.</summary>
    public long? AvailableMemoryBytes { get; init; }

    /// <summary>Seconds that the whole run will take at the measured speed, validations and samples not counted.</summary>
    public required double EstimatedSeconds { get; init; }

    /// <summary>What a private training will tell of its rows; null where nothing bounds that.</summary>
    public PrivacyPlan? Privacy { get; init; }

    /// <summary>Rows of the first batch, token by token.</summary>
    public required IReadOnlyList<PlannedRow> FirstBatch { get; init; }
}

/// <summary>What a private training will do so that it keeps its budget.</summary>
/// <param name="Units">Rows, or groups of rows, that are protected.</param>
/// <param name="SampleRate">Chance of each to be in a step.</param>
/// <param name="NoiseMultiplier">σ, the noise's standard deviation over the clip norm.</param>
/// <param name="Steps">Steps that it does within the budget, at most those of the run.</param>
/// <param name="Epsilon">ε that is spent after all of them.</param>
/// <param name="Delta">δ that it holds for.</param>
public sealed record PrivacyPlan(int Units, double SampleRate, double NoiseMultiplier, int Steps, double Epsilon, double Delta);

/// <param name="Definitions">Rows whose tools are not shown to the model.</param>
/// <param name="Calls">Rows whose calls are learned as words of the answer.</param>
/// <param name="Results">Rows in which what a tool gave back is shown as a user's turn.</param>
public sealed record UnshownTools(long Definitions, long Calls, long Results);

/// <summary>One sequence of the first batch.</summary>
/// <param name="RowId">The dataset's row.</param>
/// <param name="Tokens">In the order in which the model reads them.</param>
public sealed record PlannedRow(string RowId, IReadOnlyList<PlannedToken> Tokens)
{
    /// <summary>What a classifier shall say of the row; null where the answer is among the tokens.</summary>
    public string? Target { get; init; }
}

/// <param name="Id">Place in the vocabulary.</param>
/// <param name="Text">The token as text; bytes that are no text alone are shown as ⟨hex⟩.</param>
/// <param name="Learned">True where the loss counts.</param>
public sealed record PlannedToken(int Id, string Text, bool Learned);
