using WebTrainer.Learning.Models;

namespace WebTrainer.Learning.Adapters;

/// <summary>Shape of a LoRA adapter.</summary>
/// <param name="Rank">Inner dimension r.</param>
/// <param name="Targets">Module names as in PEFT, such as <c>q_proj</c>.</param>
public sealed record LoraConfig(int Rank, double Alpha, double Dropout, IReadOnlyList<string> Targets, bool RankStabilised = false)
{
    /// <summary>alpha / r, or alpha / √r where rank-stabilised (arXiv:2312.03732).</summary>
    public double Scale => RankStabilised ? Alpha / Math.Sqrt(Rank) : Alpha / Rank;

    /// <exception cref="ModelFileException">A target names no part of the model, or a number is out of range.</exception>
    public IReadOnlyList<Projection> Select(CausalLM model)
    {
        if (Rank < 1 || Rank > 4096 || !double.IsFinite(Alpha) || Dropout is < 0 or >= 1)
        {
            throw new ModelFileException($"The adapter's rank {Rank}, alpha {Alpha} or dropout {Dropout} is out of range.");
        }

        var unknown = Targets.Where(target => !model.Projections.Any(projection => Matches(projection, target))).ToList();
        if (unknown.Count > 0 || Targets.Count == 0)
        {
            throw new ModelFileException($"The adapter's targets [{string.Join(", ", unknown)}] name no part of the model.");
        }

        return [.. model.Projections.Where(projection => Targets.Any(target => Matches(projection, target)))];
    }

    private static bool Matches(Projection projection, string target) =>
        projection.Name == target || projection.Name.EndsWith("." + target, StringComparison.Ordinal);
}
