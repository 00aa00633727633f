using WebTrainer.Protocol;
using WebTrainer.Scoring.Scorers;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>The team's test rows as people might have typed them: does the answer stay right? Only the last user message changes.</summary>
public sealed class RobustnessBenchmark : Benchmark
{
    /// <summary>
    /// Metrics: the share of rows that are right in all forms, as they stand, with typing mistakes, in small letters, and in all other
    /// words; and of those right as they stand, the share that is right in all.
    /// </summary>
    public const string AllRight = "right_in_all",
        Plain = "right_plain",
        Typos = "right_typos",
        Lower = "right_lower_case",
        Rephrased = "right_rephrased",
        Kept = "kept";
    private static readonly string[] s_typed = [Plain, Typos, Lower];

    /// <summary>Free answers count as right from this token F1 on.</summary>
    private const double RightFrom = 0.5;

    private readonly bool _closedSet;

    /// <summary>Of each question, the metric of each of its forms, in their order.</summary>
    private readonly Dictionary<BenchmarkQuestion, IReadOnlyList<string>> _forms = new(ReferenceEqualityComparer.Instance);

    /// <exception cref="BenchmarkException">There are no test rows.</exception>
    public RobustnessBenchmark(BenchmarkSpec spec, OwnData data)
    {
        _closedSet = data.Labels is not null;
        var rows = QuestionDraw.Some(data.Test, spec.MaxQuestions, spec.Seed);
        if (rows.Count == 0)
        {
            throw new BenchmarkException("There are no test rows to disturb.");
        }

        Questions = [.. rows.Select((row, i) => Make(row, data, QuestionDraw.Random(spec.Seed, i)))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <inheritdoc/>
    public override string MainMetric => AllRight;

    /// <inheritdoc/>
    public override string Note =>
        "kept: of the rows that were right as they stand, the share that stays right in every form. A way of saying it otherwise is asked only of the rows that its rule fits; each figure has its own number of rows.";

    /// <summary>1 or 0 for each form that the row has: labels must be equal, free answers have a token F1 of at least a half.</summary>
    public override QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses)
    {
        var right = _forms[question]
            .Zip(responses, (form, response) => (Form: form, IsRight: IsRight(response.Text, question.Expected) ? 1.0 : 0.0))
            .ToList();
        var values = right.ToDictionary(form => form.Form, form => form.IsRight, StringComparer.Ordinal);
        values[Rephrased] = right.Skip(s_typed.Length).Min(form => form.IsRight);
        values[AllRight] = right.Min(form => form.IsRight);
        if (values[Plain] == 1)
        {
            values[Kept] = values[AllRight];
        }

        return new(string.Join(" | ", responses.Select(response => response.Text)), values);
    }

    private bool IsRight(string answer, string expected) =>
        _closedSet ? string.Equals(answer.Trim(), expected.Trim(), StringComparison.Ordinal) : TokenF1.Score(answer, expected) >= RightFrom;

    private BenchmarkQuestion Make(DatasetRow row, OwnData data, Random random)
    {
        var before = row.Messages.SkipLast(1).ToList();
        var asked = before.FindLastIndex(message => string.Equals(message.Role, "user", StringComparison.Ordinal));
        var text = asked < 0 ? "" : before[asked].Content;
        List<(string Metric, string Text)> forms =
        [
            (Plain, text),
            (Typos, Disturbance.Typos(text, random)),
            (Lower, Disturbance.LowerCase(text)),
        ];
        foreach (var rewrite in Paraphrase.All)
        {
            if (rewrite.Apply(text, random) is { } said)
            {
                forms.Add((rewrite.Metric, said));
            }
        }

        // As they stand, rows are asked in the very words of the test rows' own evaluation, so that none is asked twice.
        var requests = forms.Select(form => data.AnswerTo(With(before, asked, form.Text), isWeighed: form.Metric == Plain));
        var question = new BenchmarkQuestion(
            row.Id,
            "",
            string.Join("\n", forms.Select(form => form.Text)),
            row.Messages[^1].Content,
            [.. requests]
        );
        _forms[question] = [.. forms.Select(form => form.Metric)];
        return question;
    }

    private static List<ChatMessage> With(List<ChatMessage> messages, int place, string text) =>
        [.. messages.Select((message, i) => i == place ? message with { Content = text } : message)];
}
