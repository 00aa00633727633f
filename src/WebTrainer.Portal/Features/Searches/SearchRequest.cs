using System.Text.Json.Serialization;
using WebTrainer.Domain;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;
using WebTrainer.Search;
using WebTrainer.Search.Pruning;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>What a search makes as good as can be, on the validation rows.</summary>
public enum SearchObjective
{
    /// <summary>Loss of the answers; lower is better.</summary>
    ValidationLoss,

    /// <summary>Share of right answers, of data with a closed set of labels; higher is better.</summary>
    Accuracy,
}

/// <summary>What somebody fills in to search: the form's fields, and the body of <c>POST …/searches</c>.</summary>
public sealed record SearchRequest
{
    public const int MaxTrials = 500;
    private const int ProbedPoints = 64;

    /// <summary>
    /// The one with the best median on each of the published functions, and on a real search (<c>benchmarks/search/RESULTS.md</c>).
    /// </summary>
    public const SamplerKind UsualSampler = SamplerKind.GaussianProcess;

    public string Name { get; init; } = "";

    /// <summary>Data, base model and the settings that stay the same in all trials.</summary>
    public required RunRequest Run { get; init; }

    /// <summary>Settings that the trials differ in, by their names in <see cref="SearchableSetting.All"/>.</summary>
    public required SearchSpace Space { get; init; }
    public SearchObjective Objective { get; init; }
    public SamplerKind Sampler { get; init; } = UsualSampler;
    public PrunerKind Pruner { get; init; } = PrunerKind.Median;
    public int Trials { get; init; } = 20;

    /// <summary>Trials that may run at once, as far as devices are free.</summary>
    public int AtOnce { get; init; } = 1;

    /// <summary>Minutes that the trials' workers may take together.</summary>
    public double BudgetMinutes { get; init; } = 60;

    /// <summary>Validations of each trial: points of its curve, at which it may be ended.</summary>
    public int Validations { get; init; } = 4;

    /// <summary>Training rows of each trial, drawn once for all; null for all there are.</summary>
    public long? Rows { get; init; }
    public long Seed { get; init; } = 42;

    /// <exception cref="RuleViolationException">Something makes no sense; the message names it.</exception>
    public void Check()
    {
        Within(Trials, 1, MaxTrials, "The number of trials");
        Within(AtOnce, 1, 64, "The number of trials at once");
        Within(BudgetMinutes, 0.1, 1_000_000, "The budget in minutes");
        Within(Validations, 1, 100, "The number of validations");
        Within(Rows ?? 1, 1, long.MaxValue, "The number of rows");
        if (!Enum.IsDefined(Sampler) || !Enum.IsDefined(Pruner) || !Enum.IsDefined(Objective))
        {
            throw new RuleViolationException("Choose sampler, pruner and objective among those that there are.");
        }

        if (Space.Fault() is { } fault)
        {
            throw new RuleViolationException(fault);
        }

        foreach (var parameter in Space.Parameters)
        {
            SearchableSetting.Of(parameter.Name).Check(parameter);
        }
        // What the space can make must be able to run: its ends, and some points of it.
        Apply(Space.Fill(p => p.FromUnit(0))).Check();
        Apply(Space.Fill(p => p.FromUnit(1))).Check();
        for (var probe = 0; probe < ProbedPoints; probe++)
        {
            var draw = new Draw(0, probe);
            Apply(Space.Fill(p => p.FromUnit(draw.Uniform()))).Check();
        }
    }

    /// <summary>The run that tries a point.</summary>
    public RunRequest Apply(IReadOnlyDictionary<string, double> point) =>
        Space
            .Parameters.Where(p => point.ContainsKey(p.Name))
            .Aggregate(Run, (request, parameter) => SearchableSetting.Of(parameter.Name).Apply(request, parameter, point[parameter.Name]));

    private static void Within(double value, double low, double high, string what)
    {
        if (!(value >= low && value <= high))
        {
            throw new RuleViolationException($"{what} is {value:G6}; it must lie between {low:G6} and {high:G6}.");
        }
    }
}

/// <summary>A search as it is approved.</summary>
/// <param name="Data">The files that its trials learn from and are judged by, with their hashes.</param>
public sealed record SearchSpec(Guid SearchId, SearchRequest Request, DatasetFiles Data)
{
    /// <summary>Base model and teacher that its trials stand on; null in searches of before they were noted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BaseModelSha256 { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TeacherSha256 { get; init; }
}
