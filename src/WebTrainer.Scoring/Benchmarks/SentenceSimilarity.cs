using System.Globalization;
using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>
/// Do an encoder's vectors still tell how like two sentences are? Pairs with people's scores from 0 to 5, as in the STS Benchmark
/// (Cer et al., SemEval 2017, task 1): the correlation of the vectors' cosine with the scores. What falls by tuning was forgotten.
/// </summary>
public sealed class SentenceSimilarity : Benchmark
{
    /// <summary>
    /// Metrics: rank correlation and linear correlation of cosines and scores, -1 to 1, and the mean nearness of the two, 0 to 1.
    /// </summary>
    public const string Spearman = "spearman",
        Pearson = "pearson",
        Likeness = "likeness";
    private const string Cosine = "cosine",
        Wanted = "score";
    private const double HighestScore = 5;

    /// <summary>Reads pairs of sentences with people's scores.</summary>
    /// <param name="spec">Most pairs, and the seed that draws them.</param>
    /// <param name="files">CSV of two sentences and a score from 0 to 5.</param>
    /// <exception cref="BenchmarkException">There are fewer than three pairs.</exception>
    public SentenceSimilarity(BenchmarkSpec spec, IReadOnlyList<BenchmarkText> files)
    {
        var pairs = QuestionDraw.Some([.. files.SelectMany(Rows)], spec.MaxQuestions, spec.Seed);
        if (pairs.Count < 3)
        {
            throw new BenchmarkException("A correlation needs at least three pairs of sentences.");
        }

        Questions =
        [
            .. pairs.Select(
                (pair, number) =>
                    new BenchmarkQuestion(
                        $"{number + 1}",
                        "",
                        $"{pair.First}\n{pair.Second}",
                        pair.Score.ToString(CultureInfo.InvariantCulture),
                        [new SimilarityRequest(pair.First, pair.Second)]
                    )
            ),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <summary>What each pair has a value of: 1 less the distance of the cosine from the score, both on 0 to 1.</summary>
    public override string MainMetric => Likeness;

    /// <summary>Likeness, cosine and score of the pair; a model that gave no cosine counts as 0.</summary>
    public override QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses)
    {
        var (cosine, wanted) = (responses[0].Similarity ?? 0, double.Parse(question.Expected, CultureInfo.InvariantCulture));
        return new(
            cosine.ToString("0.000", CultureInfo.InvariantCulture),
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                [Likeness] = 1 - Math.Abs(Math.Clamp(cosine, 0, 1) - (wanted / HighestScore)),
                [Cosine] = cosine,
                [Wanted] = wanted,
            }
        );
    }

    /// <summary>
    /// Correlations over all pairs, with bootstrap intervals, and the mean likeness; cosines and scores alone are no figures.
    /// </summary>
    public override IReadOnlyList<MetricFigure> Summarise(IReadOnlyList<QuestionScore> scores)
    {
        double[] cosines = [.. scores.Select(score => score.Values[Cosine])],
            wanted = [.. scores.Select(score => score.Values[Wanted])];
        return
        [
            Figure.OfRows(Spearman, scores.Count, rows => Correlation(Ranks(Of(cosines, rows)), Ranks(Of(wanted, rows)))),
            Figure.OfRows(Pearson, scores.Count, rows => Correlation(Of(cosines, rows), Of(wanted, rows))),
            Figure.Mean(Likeness, [.. scores.Select(score => score.Values[Likeness])]),
        ];
    }

    internal static bool Recognises(BenchmarkText file) =>
        file.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
        && Table.Csv(file).Take(4).ToList() is { Count: > 2 } rows
        && rows.Skip(1).All(row => row.Length == 3 && ScoreOf(row[2]) is not null);

    /// <summary>Pearson's; 0 where one of the two never changes.</summary>
    internal static double Correlation(double[] x, double[] y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        var (both, onlyX, onlyY) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            var (a, b) = (x[i] - meanX, y[i] - meanY);
            (both, onlyX, onlyY) = (both + (a * b), onlyX + (a * a), onlyY + (b * b));
        }

        return onlyX == 0 || onlyY == 0 ? 0 : both / Math.Sqrt(onlyX * onlyY);
    }

    /// <summary>Places in order, equal values sharing the mean of theirs.</summary>
    internal static double[] Ranks(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        var ranks = new double[values.Length];
        for (var start = 0; start < order.Length; )
        {
            var end = start;
            while (end + 1 < order.Length && values[order[end + 1]] == values[order[start]])
            {
                end++;
            }

            for (var i = start; i <= end; i++)
            {
                ranks[order[i]] = (start + end) / 2.0;
            }

            start = end + 1;
        }

        return ranks;
    }

    private static double[] Of(double[] values, int[] rows) => [.. rows.Select(row => values[row])];

    private static double? ScoreOf(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && score is >= 0 and <= HighestScore
            ? score
            : null;

    /// <summary>Some copies have a line of names on top.</summary>
    private static IEnumerable<(string First, string Second, double Score)> Rows(BenchmarkText file) =>
        Table
            .Csv(file)
            .SelectMany(
                (row, number) =>
                    row.Length == 3 && ScoreOf(row[2]) is { } score ? [(row[0], row[1], score)]
                    : number == 0 ? ((string, string, double)[])[]
                    : throw new BenchmarkException($"{file.Name}, row {number + 1}: a pair has two sentences and a score from 0 to 5.")
            );
}
