using WebTrainer.Domain;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Scoring.Scorers;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>A benchmark that an evaluation shall ask.</summary>
/// <param name="BenchmarkId">A file of the project's library; null for kinds that are made of the run's own data.</param>
/// <param name="Kind">Needed where there is no file; a file of harmful requests can be asked as they are, or in disguise
/// (<c>redTeam</c>).</param>
public sealed record BenchmarkRequest(Guid? BenchmarkId, BenchmarkKind? Kind = null)
{
    public int Shots { get; init; }
    public Prompting Prompting { get; init; }
    public ChoiceForm Form { get; init; }

    /// <summary>Questions at most; null for all.</summary>
    public int? MaxQuestions { get; init; }
    public int Samples { get; init; } = 1;
    public double Temperature { get; init; }
    public long Seed { get; init; } = 1234;
}

/// <summary>What a person asks of an evaluation.</summary>
/// <param name="RunIds">Finished runs with the same base model, and adapters of that base that were brought in; the base is always judged
/// beside them.</param>
/// <param name="MaxRows">Judge this many test rows at most; null for all.</param>
public sealed record EvaluationRequest(IReadOnlyList<Guid> RunIds, int? MaxRows = null)
{
    public const int MaxBenchmarks = 20,
        MaxScorers = 10,
        MaxShots = 32,
        MaxSamples = 100;
    private const int MaxPatternLength = 500,
        MaxSchemaLength = 100_000;
    private const double MaxTemperature = 2;

    /// <summary>
    /// The published version on whose test rows is judged. Needed where all adapters were brought in, or where runs learned from different
    /// data; null for the data that they learned from. Of another version's test rows none may have been learned.
    /// </summary>
    public Guid? DatasetVersionId { get; init; }

    /// <summary>Judge the tuned models at these precisions too: <c>eightBits</c>, <c>fourBits</c>.</summary>
    public IReadOnlyList<WeightPrecision> Packed { get; init; } = [];
    public IReadOnlyList<BenchmarkRequest> Benchmarks { get; init; } = [];

    /// <summary>Further ways to score the answers to the test rows.</summary>
    public IReadOnlyList<ScorerSpec> Scorers { get; init; } = [];

    /// <summary>Measure how fast the models answer.</summary>
    public bool Performance { get; init; }

    /// <summary>
    /// <c>any</c> for a GPU that is free when it begins, else the CPU; <c>cpu</c>, <c>cuda</c> for any GPU, or <c>cuda:N</c>.
    /// </summary>
    public string Device { get; init; } = DeviceName.Any;

    /// <exception cref="RuleViolationException">A number is out of its range, or a scorer can't be used.</exception>
    public void Check()
    {
        if (MaxRows is < 1)
        {
            throw new RuleViolationException("Judge at least one row.");
        }

        if (Benchmarks.Count > MaxBenchmarks || Scorers.Count > MaxScorers)
        {
            throw new RuleViolationException($"One evaluation asks at most {MaxBenchmarks} benchmarks and {MaxScorers} scorers.");
        }

        foreach (var benchmark in Benchmarks)
        {
            Check(benchmark);
        }

        foreach (var scorer in Scorers)
        {
            Check(scorer);
        }
    }

    private static void Check(BenchmarkRequest benchmark)
    {
        if (
            benchmark is { BenchmarkId: null, Kind: null }
            || (benchmark.BenchmarkId is null && !BenchmarkReader.IsMadeOfOwnData(benchmark.Kind!.Value))
        )
        {
            throw new RuleViolationException("A benchmark needs its file: upload it on the page of benchmarks.");
        }

        if (benchmark.Shots is < 0 or > MaxShots)
        {
            throw new RuleViolationException($"A benchmark has 0 to {MaxShots} solved examples.");
        }

        if (benchmark.MaxQuestions is < 1)
        {
            throw new RuleViolationException("Ask at least one question.");
        }

        if (benchmark.Samples is < 1 or > MaxSamples)
        {
            throw new RuleViolationException($"1 to {MaxSamples} programs can be tried a problem.");
        }

        if (benchmark.Temperature is < 0 or > MaxTemperature || double.IsNaN(benchmark.Temperature))
        {
            throw new RuleViolationException($"The temperature lies between 0 and {MaxTemperature:0}.");
        }

        if (benchmark is { Samples: > 1, Temperature: 0 })
        {
            throw new RuleViolationException("Several programs a problem need a temperature above 0, or they are all the same.");
        }
    }

    private static void Check(ScorerSpec scorer)
    {
        if (scorer.Pattern?.Length > MaxPatternLength || scorer.Schema?.Length > MaxSchemaLength)
        {
            throw new RuleViolationException($"A pattern has at most {MaxPatternLength} characters, a schema {MaxSchemaLength}.");
        }

        if (scorer.Tolerance is < 0 or > 1 || double.IsNaN(scorer.Tolerance))
        {
            throw new RuleViolationException("A tolerance is a share between 0 and 1.");
        }

        try
        {
            AnswerScorer.AllOf(scorer, []);
        }
        catch (ScorerException exception)
        {
            throw new RuleViolationException(exception.Message);
        }
    }
}
