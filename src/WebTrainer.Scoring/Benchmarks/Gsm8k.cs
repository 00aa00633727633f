using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>
/// GSM8K (Cobbe et al., arXiv:2110.14168): the answer is written out, and its number taken from it in two ways, both told, with the rules
/// of lm-evaluation-harness's task <c>gsm8k</c>. A file whose name says train holds the solved examples.
/// </summary>
public sealed partial class Gsm8k : Benchmark
{
    /// <summary>Metrics: the share of right answers by the number after <c>####</c>, and by the last number anywhere.</summary>
    public const string Strict = "exact_match_strict",
        Flexible = "exact_match_flexible";
    private const string NoNumber = "[invalid]";
    private const int MaxNewTokens = 256;
    private static readonly string[] s_stops = ["Question:", "</s>", "<|im_end|>"];

    private sealed record Item(string Text, string Answer);

    /// <exception cref="BenchmarkException">Solved examples were asked for, and no file has them.</exception>
    public Gsm8k(BenchmarkSpec spec, IReadOnlyList<BenchmarkText> files)
    {
        List<Item> train = [.. files.Where(IsTrain).SelectMany(Read)];
        if (train.Count < spec.Shots)
        {
            throw new BenchmarkException(
                $"{spec.Shots} solved examples were asked for, and the files hold {train.Count}: put train.jsonl and test.jsonl into one ZIP, or ask with none."
            );
        }

        var solved = string.Concat(train.Take(spec.Shots).Select(shot => $"Question: {shot.Text}\nAnswer: {shot.Answer}\n\n"));
        var items = QuestionDraw.Some([.. files.Where(file => !IsTrain(file)).SelectMany(Read)], spec.MaxQuestions, spec.Seed);
        Questions =
        [
            .. items.Select(
                (item, number) =>
                    new BenchmarkQuestion(
                        $"{number + 1}",
                        "",
                        item.Text,
                        item.Answer,
                        [new TextRequest(Prompt.Of(spec.Prompting, $"{solved}Question: {item.Text}\nAnswer:"), MaxNewTokens, s_stops)]
                    )
            ),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <inheritdoc/>
    public override string MainMetric => Strict;

    /// <summary>1 or 0 in each metric: the answer's number, by its rule, is the expected one.</summary>
    public override QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses)
    {
        var text = responses[0].Text;
        var right = Normalise(StrictNumber(question.Expected));
        return new(
            text,
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                [Strict] = Same(StrictNumber(text), right),
                [Flexible] = Same(FlexibleNumber(text), right),
            }
        );
    }

    /// <summary>The first number after <c>####</c>; <c>[invalid]</c> where there is none.</summary>
    public static string StrictNumber(string text) => Marked().Match(text) is { Success: true } match ? match.Groups["n"].Value : NoNumber;

    /// <summary>The last number anywhere; <c>[invalid]</c> where there is none.</summary>
    public static string FlexibleNumber(string text) => AnyNumber().Matches(text) is { Count: > 0 } matches ? matches[^1].Value : NoNumber;

    /// <summary>Without commas, dollar signs, all up to <c>#### </c>, and a full stop at the end.</summary>
    public static string Normalise(string number)
    {
        var plain = number.Replace(",", "", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal);
        plain = plain.LastIndexOf("#### ", StringComparison.Ordinal) is var at && at >= 0 ? plain[(at + 5)..] : plain;
        return (plain.EndsWith('.') ? plain[..^1] : plain).ToLowerInvariant();
    }

    internal static bool Recognises(BenchmarkText file) =>
        file.Text.StartsWith("{\"question\"", StringComparison.Ordinal) && file.Text.Contains("#### ", StringComparison.Ordinal);

    private static double Same(string number, string right) => string.Equals(Normalise(number), right, StringComparison.Ordinal) ? 1 : 0;

    private static bool IsTrain(BenchmarkText file) => Path.GetFileName(file.Name).Contains("train", StringComparison.OrdinalIgnoreCase);

    private static List<Item> Read(BenchmarkText file) =>
        Table.Jsonl(file, row => new Item(row.GetProperty("question").GetString()!, row.GetProperty("answer").GetString()!));

    [GeneratedRegex(@"#### (?<n>\-?[0-9\.\,]+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Marked();

    [GeneratedRegex(@"-?[$0-9.,]{2,}|-?[0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AnyNumber();
}
