using WebTrainer.Protocol;
using WebTrainer.Scoring.Scorers;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>The team's test rows as people might have typed them: does the answer stay right? Only the last user message changes.</summary>
public sealed class RobustnessBenchmark : Benchmark
{
    public const string AllRight = "right_in_all", Plain = "right_plain", Typos = "right_typos", Lower = "right_lower_case", Rephrased = "right_rephrased", Kept = "kept";
    private static readonly string[] s_metrics = [Plain, Typos, Lower, Rephrased];

    /// <summary>Free answers count as right from this token F1 on.</summary>
    private const double RightFrom = 0.5;

    private readonly bool _closedSet;

    /// <exception cref="BenchmarkException">There are no test rows.</exception>
    public RobustnessBenchmark(BenchmarkSpec spec, OwnData data)
    {
        _closedSet = data.Labels is not null;
        var rows = Draw.Some(data.Test, spec.MaxQuestions, spec.Seed);
        if (rows.Count == 0)
            throw new BenchmarkException("There are no test rows to disturb.");
        Questions = [.. rows.Select((row, i) => Make(row, data, Draw.Random(spec.Seed, i)))];
    }

    public override IReadOnlyList<Question> Questions { get; }

    public override string MainMetric => AllRight;

    public override string Note => "kept: of the rows that were right as they stand, the share that stays right under every disturbance.";

    public override QuestionScore Score(Question question, IReadOnlyList<ModelResponse> responses)
    {
        double[] right = [.. responses.Select(response => IsRight(response.Text, question.Expected) ? 1.0 : 0.0)];
        var values = s_metrics.Zip(right).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        values[AllRight] = right.Min();
        if (right[0] == 1)
            values[Kept] = right.Min();
        return new(string.Join(" | ", responses.Select(response => response.Text)), values);
    }

    private bool IsRight(string answer, string expected) => _closedSet
        ? string.Equals(answer.Trim(), expected.Trim(), StringComparison.Ordinal)
        : TokenF1.Score(answer, expected) >= RightFrom;

    private static Question Make(DatasetRow row, OwnData data, Random random)
    {
        var before = row.Messages.SkipLast(1).ToList();
        var asked = before.FindLastIndex(message => string.Equals(message.Role, "user", StringComparison.Ordinal));
        var text = asked < 0 ? "" : before[asked].Content;
        string[] variants = [text, Disturbance.Typos(text, random), Disturbance.LowerCase(text), Disturbance.Rephrase(text, random)];
        return new(row.Id, "", string.Join("\n", variants), row.Messages[^1].Content, [.. variants.Select(variant => data.AnswerTo(With(before, asked, variant)))]);
    }

    private static List<ChatMessage> With(List<ChatMessage> messages, int place, string text) =>
        [.. messages.Select((message, i) => i == place ? message with { Content = text } : message)];
}
