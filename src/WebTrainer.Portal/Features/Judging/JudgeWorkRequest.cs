using WebTrainer.Domain;
using WebTrainer.Domain.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>What somebody asks of a judge.</summary>
/// <param name="Subject">The labeling task to be held against, or the evaluation to be judged.</param>
public sealed record JudgeWorkRequest(JudgeWorkKind Kind, Guid Subject)
{
    /// <summary>Models that one evaluation's work judges at most: four make six comparisons.</summary>
    public const int MostModels = 4;

    /// <summary>Enough to tell 50 from 65 % of pairs.</summary>
    public const int UsualItems = 100;

    /// <summary>The rating question, of <see cref="JudgeWorkKind.CalibrateScores"/>.</summary>
    public string? Question { get; init; }

    /// <summary>Models of the evaluation, by the names of its report.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Requests that are judged at most, drawn by <see cref="Seed"/>.</summary>
    public int MaxItems { get; init; } = UsualItems;
    public int Seed { get; init; } = 1;

    /// <exception cref="RuleViolationException">It can't be done so.</exception>
    public void Check(int mostItems)
    {
        if (MaxItems < 1 || MaxItems > mostItems)
        {
            throw new RuleViolationException($"Have 1 to {mostItems:N0} requests judged.");
        }

        if (Kind == JudgeWorkKind.CalibrateScores && string.IsNullOrEmpty(Question))
        {
            throw new RuleViolationException("Choose the question whose ratings the judge is held against.");
        }

        var least = Kind switch
        {
            JudgeWorkKind.ComparePairs => 2,
            JudgeWorkKind.Score => 1,
            _ => 0,
        };
        if (Models.Distinct().Count() < least || Models.Count > MostModels)
        {
            throw new RuleViolationException($"Choose {least} to {MostModels} models to be judged.");
        }
    }
}
