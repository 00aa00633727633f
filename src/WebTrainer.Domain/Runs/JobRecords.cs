namespace WebTrainer.Domain.Runs;

/// <summary>One point of a job's curves; validation points have a validation loss, training points a loss.</summary>
public sealed class JobMetric
{
    public Guid JobId { get; init; }
    public long Seq { get; init; }
    public int Step { get; init; }
    public double Epoch { get; init; }
    public double? Loss { get; init; }
    public double? ValidationLoss { get; init; }
    public double? Accuracy { get; init; }
    public double? LearningRate { get; init; }
    public double? GradientNorm { get; init; }
    public double? TokensPerSecond { get; init; }
    public long? MemoryBytes { get; init; }
    public long? Tokens { get; init; }
    public DateTimeOffset Time { get; init; }
}

/// <summary>An event that is no curve point: state, log, sample, checkpoint, failure; as the worker wrote it.</summary>
public sealed class JobEvent
{
    public Guid JobId { get; init; }
    public long Seq { get; init; }
    public DateTimeOffset Time { get; init; }
    public string Type { get; init; } = "";
    public string Json { get; init; } = "";
}
