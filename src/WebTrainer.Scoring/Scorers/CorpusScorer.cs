using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Scoring.Scorers;

/// <summary>
/// Figures that are made of all answers together and not of each one's own score; their intervals come from drawing rows anew.
/// </summary>
public static class CorpusScorer
{
    /// <returns>The figure that a scorer adds to those of single answers; null where it adds none.</returns>
    /// <param name="kind">Those that are not made of all answers together add nothing.</param>
    /// <param name="pairs">Of all rows, in their order.</param>
    public static MetricFigure? Of(ScorerKind kind, IReadOnlyList<(string Answer, string Expected)> pairs)
    {
        if (pairs.Count == 0)
        {
            return null;
        }

        switch (kind)
        {
            case ScorerKind.Bleu:
                BleuCounts[] grams = [.. pairs.Select(pair => Bleu.Count(pair.Answer, pair.Expected))];
                return Figure.OfRows("BLEU of all", grams.Length, rows => Bleu.Corpus(rows.Select(row => grams[row])));
            case ScorerKind.Ter:
                (long, long)[] edits =
                [
                    .. pairs.AsParallel().AsOrdered().Select(pair => TranslationEditRate.Count(pair.Answer, pair.Expected)),
                ];
                return Figure.OfRows(
                    "TER (lower is better)",
                    edits.Length,
                    rows => TranslationEditRate.Rate(rows.Select(row => edits[row]))
                );
            default:
                return null;
        }
    }
}
