namespace WebTrainer.Domain.Runs;

/// <summary>One point of a job's curves; validation points have a validation loss, training points a loss.</summary>
public sealed class JobMetric
{
    /// <summary>With <see cref="Seq"/> its key: no point can be stored twice.</summary>
    public Guid JobId { get; init; }

    /// <summary>Number of the event that it was made from.</summary>
    public long Seq { get; init; }

    /// <summary>Optimiser step; a validation point has that of the step before it.</summary>
    public int Step { get; init; }

    /// <summary>Passes over the training rows, fractions included; 0 at validation points.</summary>
    public double Epoch { get; init; }

    /// <summary>Mean over the step's unmasked tokens, in nats; null at validation points, and where it was not finite.</summary>
    public double? Loss { get; init; }

    /// <summary>On the validation split; null at training points, and where it was not finite.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of right answers, 0 to 1; only of validation points, and null where the kind of training has none.</summary>
    public double? Accuracy { get; init; }

    /// <summary>In force at the step; null at validation points.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Of the step's gradients; null at validation points, and where it was not finite.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>As the worker measured it; null at validation points.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>As the worker measured it at the step; null at validation points.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Seen since the run began, prompts and no padding; null at validation points.</summary>
    public long? Tokens { get; init; }

    /// <summary>By the worker's clock.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>An event that is no curve point: state, log, sample, checkpoint, failure; as the worker wrote it.</summary>
public sealed class JobEvent
{
    /// <summary>With <see cref="Seq"/> its key: no event can be stored twice.</summary>
    public Guid JobId { get; init; }

    /// <summary>1, 2, 3, … over the life of the run folder, resumes included; counted together with curve points.</summary>
    public long Seq { get; init; }

    /// <summary>By the worker's clock.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Its name in the workers' protocol: <c>state</c>, <c>log</c>, <c>checkpoint</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>The whole event, as its line in the run folder.</summary>
    public string Json { get; init; } = "";
}
