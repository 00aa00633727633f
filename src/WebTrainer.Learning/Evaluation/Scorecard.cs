using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Scoring.Scorers;
using WebTrainer.Statistics;

namespace WebTrainer.Learning.Evaluation;

/// <summary>One model's figures, and its answer to each row.</summary>
internal sealed record ModelResult(ModelFigures Figures, ExampleAnswer[] Answers);

/// <summary>Scores answers to the same rows, whoever gave them.</summary>
/// <param name="rows">Whose last message is the right answer.</param>
/// <param name="closedSet">Answers come from a closed set of labels; else text is scored by how near it comes too.</param>
/// <param name="scorers">Further ones that were asked for.</param>
/// <param name="together">Those that are made of all answers together.</param>
internal sealed class Scorecard(
    IReadOnlyList<DatasetRow> rows,
    bool closedSet,
    IReadOnlyList<AnswerScorer> scorers,
    IReadOnlyList<ScorerKind> together
)
{
    private const int BootstrapSeed = 1;

    /// <summary>Confusions that a report tells.</summary>
    private const int MostConfusions = 200;

    public static bool IsRight(DatasetRow row, string answer) =>
        string.Equals(Expected(row).Trim(), answer.Trim(), StringComparison.Ordinal);

    /// <param name="name">How the report calls the model.</param>
    /// <param name="kind">Base, tuned or simple.</param>
    /// <param name="given">An answer to each row.</param>
    /// <param name="losses">Loss of each row's right answer as a sum over its tokens; null for what is no language model.</param>
    /// <param name="generalLoss">Nats a token on general text; null where it was not measured.</param>
    /// <param name="time">How long all answers took.</param>
    public ModelResult Measure(
        string name,
        ModelKind kind,
        IReadOnlyList<ModelResponse> given,
        IReadOnlyList<(double Sum, int Count)>? losses,
        double? generalLoss,
        TimeSpan time
    )
    {
        string[] texts = [.. given.Select(answer => answer.Text)];
        ExampleAnswer[] answers =
        [
            .. rows.Select(
                (row, i) =>
                    new ExampleAnswer(
                        name,
                        texts[i],
                        IsRight(row, texts[i]),
                        losses is null ? null : losses[i].Sum / losses[i].Count,
                        TokenF1.Score(texts[i], Expected(row))
                    )
                    {
                        Scores =
                            scorers.Count == 0
                                ? null
                                : scorers.ToDictionary(
                                    scorer => scorer.Name,
                                    scorer => scorer.Score(texts[i], Expected(row)),
                                    StringComparer.Ordinal
                                ),
                        Confidence = given[i].Confidence,
                    }
            ),
        ];
        var right = answers.Count(answer => answer.Right);
        var interval = Wilson.Of(right, rows.Count);
        double? loss = losses is null ? null : losses.Sum(entry => entry.Sum) / losses.Sum(entry => entry.Count);
        var figures = new ModelFigures(
            name,
            kind,
            (double)right / rows.Count,
            interval.Low,
            interval.High,
            loss,
            loss is { } mean ? Math.Exp(mean) : null,
            generalLoss,
            time.TotalSeconds
        )
        {
            Texts = closedSet ? null : TextsOf(answers),
            Labels = closedSet ? LabelsOf(answers) : null,
            Calibration = CalibrationOf(answers),
            Scores =
            [
                .. scorers.Select(scorer => Figure.Mean(scorer.Name, [.. answers.Select(answer => answer.Scores![scorer.Name])])),
                .. together
                    .Select(kind => CorpusScorer.Of(kind, [.. texts.Zip(rows, (text, row) => (text, Expected(row)))]))
                    .OfType<MetricFigure>(),
            ],
        };
        return new(figures, answers);
    }

    private LabelFigures LabelsOf(ExampleAnswer[] answers)
    {
        var table = new LabelTable(rows.Zip(answers, (row, answer) => (Expected(row), answer.Text)));
        return new(
            table.MacroF1,
            table.MacroF1Interval.Low,
            table.MacroF1Interval.High,
            [.. table.Labels.Select(label => new LabelFigure(label.Label, label.Rows, label.Precision, label.Recall, label.F1))],
            [.. table.Confusions.Take(MostConfusions).Select(pair => new Confusion(pair.Expected, pair.Given, pair.Rows))]
        );
    }

    /// <returns>Null where no answer says how sure it is.</returns>
    private static CalibrationFigures? CalibrationOf(ExampleAnswer[] answers)
    {
        double[] confidences = [.. answers.Select(answer => answer.Confidence).OfType<double>()];
        return confidences.Length < answers.Length ? null : ConfidenceFigures.Of(confidences, [.. answers.Select(answer => answer.Right)]);
    }

    private TextFigures TextsOf(ExampleAnswer[] answers)
    {
        var pairs = answers.Zip(rows, (answer, row) => (answer.Text, Expected: Expected(row))).ToList();
        var f1 = answers.Select(answer => answer.TokenF1).ToList();
        var interval = Bootstrap.MeanInterval(f1, BootstrapSeed);
        return new(
            pairs.Average(pair => TokenF1.IsNormalisedMatch(pair.Text, pair.Expected) ? 1 : 0),
            f1.Average(),
            interval.Low,
            interval.High,
            pairs.Average(pair => Rouge.L(pair.Text, pair.Expected).F),
            pairs.Average(pair => ChrF.Score(pair.Text, pair.Expected))
        );
    }

    private static string Expected(DatasetRow row) => row.Messages[^1].Content;
}
