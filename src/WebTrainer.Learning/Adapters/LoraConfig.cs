using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Adapters;

/// <summary>Which maps an adapter changes, by which method, and how strongly; what PEFT's <c>adapter_config.json</c> says.</summary>
/// <param name="Rank">Inner dimension r.</param>
/// <param name="Alpha">Numerator of the scale that a change is multiplied by; see <see cref="ScaleOf"/>.</param>
/// <param name="Dropout">Share of a map's inputs that the change doesn't see while training, 0 to below 1.</param>
/// <param name="Targets">Module names as in PEFT, such as <c>q_proj</c>.</param>
/// <param name="RankStabilised">Scale by alpha / √r (rsLoRA, arXiv:2312.03732), so that a higher rank doesn't learn more slowly.</param>
/// <param name="WeightDecomposed">DoRA: see <see cref="DoraUpdate"/>.</param>
/// <param name="Adaptive">AdaLoRA: see <see cref="AdaLoraUpdate"/>; the rank is that at the begin.</param>
public sealed record LoraConfig(
    int Rank,
    double Alpha,
    double Dropout,
    IReadOnlyList<string> Targets,
    bool RankStabilised = false,
    bool WeightDecomposed = false,
    bool Adaptive = false
)
{
    /// <summary>What PEFT calls all linear maps of the layers.</summary>
    public const string AllLinear = MethodSpec.AllLinearName;

    /// <summary>AdaLoRA's mean rank at the end; it begins with half as much again.</summary>
    public int TargetRank { get; init; }

    /// <summary>The change begins at each map's principal part: see <see cref="PrincipalUpdate"/>.</summary>
    public bool Principal { get; init; }

    /// <summary>LoRA+ (arXiv:2402.12354): how much faster B learns.</summary>
    public double RateRatio { get; init; } = 1;

    /// <summary>
    /// What a file says of it: a change that begins elsewhere than at zero is written as a plain one of twice the rank, with the alpha that
    /// leaves the scale as it is.
    /// </summary>
    public LoraConfig AsSaved =>
        Principal ? this with { Principal = false, Rank = 2 * Rank, Alpha = RankStabilised ? Math.Sqrt(2) * Alpha : 2 * Alpha } : this;

    /// <summary>Ranks of single maps that differ, by the end of the map's name.</summary>
    public IReadOnlyDictionary<string, int> Ranks { get; init; } = new Dictionary<string, int>();

    /// <summary>Alphas of single maps that differ, by the end of the map's name.</summary>
    public IReadOnlyDictionary<string, double> Alphas { get; init; } = new Dictionary<string, double>();

    /// <summary>Module names of maps that were trained and saved whole (PEFT's <c>modules_to_save</c>).</summary>
    public IReadOnlyList<string> Whole { get; init; } = [];

    /// <summary>Tensors of experts that are changed by themselves, by the ends of their names (PEFT's <c>target_parameters</c>).</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>
    /// What a run's method asks for. AdaLoRA begins with half as much again as the rank asked for, rounded up, and ends at that rank on
    /// average.
    /// </summary>
    public static LoraConfig Of(MethodSpec method)
    {
        var adaptive = method.Method == TuningMethod.AdaLoRA;
        var rank = adaptive ? method.Rank + ((method.Rank + 1) / 2) : method.Rank;
        return new(
            rank,
            method.Alpha,
            method.Dropout,
            method.Targets,
            method.RankStabilised && !adaptive,
            method.Method == TuningMethod.DoRA,
            adaptive
        )
        {
            TargetRank = method.Rank,
            Principal = method.Start == AdapterStart.Pissa,
            RateRatio = method.RateRatio,
        };
    }

    /// <summary>The method and its settings as a run would have them, as far as a finished adapter tells.</summary>
    public MethodSpec ToMethod() =>
        new()
        {
            Method =
                Adaptive ? TuningMethod.AdaLoRA
                : WeightDecomposed ? TuningMethod.DoRA
                : TuningMethod.LoRA,
            Rank = Adaptive ? TargetRank : Rank,
            Alpha = Alpha,
            RankStabilised = RankStabilised,
            Dropout = Dropout,
            Targets = [.. Targets.Concat(Parameters).Select(name => name.Split('.')[^1]).Distinct(StringComparer.Ordinal)],
        };

    /// <summary>
    /// Inner dimension of the change of one map: that of <see cref="Ranks"/> whose key the map's name ends with, else <see cref="Rank"/>.
    /// </summary>
    public int RankOf(string name) => Pattern(Ranks, name, Rank);

    /// <summary>alpha / r, or alpha / √r where rank-stabilised.</summary>
    public double ScaleOf(string name)
    {
        var (rank, alpha) = (RankOf(name), Pattern(Alphas, name, Alpha));
        return RankStabilised ? alpha / Math.Sqrt(rank) : alpha / rank;
    }

    /// <exception cref="ModelFileException">A target names no part of the model, or a number is out of range.</exception>
    public IReadOnlyList<Projection> Select(ITunable model)
    {
        if (
            Ranks.Values.Append(Rank).Any(rank => rank is < 1 or > 4096)
            || !Alphas.Values.Append(Alpha).All(double.IsFinite)
            || Dropout is < 0 or >= 1
        )
        {
            throw new ModelFileException($"The adapter's rank {Rank}, alpha {Alpha} or dropout {Dropout} is out of range.");
        }

        if (Targets is [AllLinear])
        {
            return [.. model.LayerProjections];
        }

        var unknown = Targets.Where(target => !model.Projections.Any(projection => Matches(projection.Name, target))).ToList();
        if (unknown.Count > 0 || Targets.Count + Parameters.Count == 0)
        {
            throw new ModelFileException($"The adapter's targets [{string.Join(", ", unknown)}] name no part of the model.");
        }

        return [.. model.Projections.Where(projection => Targets.Any(target => Matches(projection.Name, target)))];
    }

    /// <exception cref="ModelFileException">A name is no linear map or embedding of the model.</exception>
    public IReadOnlyList<Projection> SelectWhole(ITunable model)
    {
        if (Whole.FirstOrDefault(name => !model.Projections.Any(projection => Matches(projection.Name, name))) is { } unknown)
        {
            throw new ModelFileException(
                $"The adapter replaces '{unknown}' (modules_to_save), which is no linear map or embedding of this model."
            );
        }

        return [.. model.Projections.Where(projection => Whole.Any(name => Matches(projection.Name, name)))];
    }

    private static T Pattern<T>(IReadOnlyDictionary<string, T> patterns, string name, T otherwise)
    {
        foreach (var (pattern, value) in patterns)
        {
            if (Matches(name, pattern))
            {
                return value;
            }
        }

        return otherwise;
    }

    internal static bool Matches(string name, string target) => name == target || name.EndsWith("." + target, StringComparison.Ordinal);
}
