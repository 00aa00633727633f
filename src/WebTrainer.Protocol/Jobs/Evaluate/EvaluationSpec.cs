namespace WebTrainer.Protocol;

/// <summary>Which models are judged, and by what, beside the test rows.</summary>
public sealed record EvaluationSpec
{
    /// <summary>Judge every model at these precisions too, to see what packing costs in quality.</summary>
    public IReadOnlyList<WeightPrecision> Packed { get; init; } = [];

    /// <summary>Adapters to judge; the base itself is always judged beside them.</summary>
    public IReadOnlyList<NamedAdapter> Adapters { get; init; } = [];

    /// <summary>Judge this many rows of the test split at most; null for all.</summary>
    public int? MaxRows { get; init; }

    /// <summary>Answer tokens generated at most where there is no closed label set.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>What is asked of every model beside the test rows.</summary>
    public IReadOnlyList<BenchmarkSpec> Benchmarks { get; init; } = [];

    /// <summary>Further ways to score the answers to the test rows.</summary>
    public IReadOnlyList<ScorerSpec> Scorers { get; init; } = [];

    /// <summary>Measure how fast the models answer, and what memory that takes.</summary>
    public bool Performance { get; init; }

    /// <summary>
    /// Folder of answers that were given before, absolute: the same model asked the same again isn't run. A worker that was killed goes
    /// on from here too. Null to ask everything anew.
    /// </summary>
    public string? AnswerCache { get; init; }
}
