using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>
/// MMLU (Hendrycks et al., arXiv:2009.03300) from its CSV files: question, four choices, letter of the right one; <c>dev</c> files
/// hold the solved examples. Prompts as in lm-evaluation-harness: task <c>mmlu</c> for letters, <c>mmlu_continuation</c> for words.
/// </summary>
public sealed class Mmlu : Benchmark
{
    private const string Letters = "ABCD";
    private readonly Dictionary<string, (string[] Choices, int Right)> _keys = new(StringComparer.Ordinal);

    private sealed record Item(string Subject, string Text, string[] Choices, int Right);

    /// <exception cref="BenchmarkException">The files hold too few solved examples, or no questions.</exception>
    public Mmlu(BenchmarkSpec spec, IReadOnlyList<BenchmarkText> files)
    {
        var all = files.Select(file => (IsShots: IsShots(file.Name), Items: Read(file))).ToList();
        var shots = all.Where(part => part.IsShots)
            .SelectMany(part => part.Items)
            .GroupBy(item => item.Subject, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        var items = QuestionDraw.Some([.. all.Where(part => !part.IsShots).SelectMany(part => part.Items)], spec.MaxQuestions, spec.Seed);
        Questions = [.. items.Select((item, number) => Make(spec, item, shots.GetValueOrDefault(item.Subject, []), number))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <inheritdoc/>
    public override string MainMetric => MultipleChoice.Accuracy;

    /// <summary>Right or wrong by the likeliest choice, with and without its length taken into account.</summary>
    public override QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses)
    {
        var (choices, right) = _keys[question.Id];
        List<double> likelihoods = [.. responses.Select(response => response.LogProbability)];
        return new(choices[MultipleChoice.Highest(likelihoods)], MultipleChoice.Score(likelihoods, Said(question, choices), right));
    }

    internal static bool Recognises(BenchmarkText file) =>
        file.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
        && Rows(file).FirstOrDefault() is { Length: 6 } first
        && RightOf(first[5]) >= 0;

    /// <summary>The published files have the right choice's letter, some copies its place.</summary>
    private static int RightOf(string cell) =>
        cell.Trim() is [var mark]
            ? Math.Max(Letters.IndexOf(mark, StringComparison.Ordinal), "0123".IndexOf(mark, StringComparison.Ordinal))
            : -1;

    /// <summary>Some copies have a line of names on top.</summary>
    private static IEnumerable<string[]> Rows(BenchmarkText file) =>
        Table.Csv(file).SkipWhile((row, number) => number == 0 && row is [.., "answer"]);

    private static IReadOnlyList<string> Said(BenchmarkQuestion question, string[] choices) =>
        question.Requests[0] is ContinuationRequest { Continuation: " A" } ? [.. choices.Select((_, i) => Letters[i].ToString())] : choices;

    private BenchmarkQuestion Make(BenchmarkSpec spec, Item item, List<Item> shots, int number)
    {
        if (shots.Count < spec.Shots)
        {
            throw new BenchmarkException($"{item.Subject} has {shots.Count} solved examples in its dev file; {spec.Shots} were asked for.");
        }

        var id = $"{item.Subject}/{number}";
        _keys[id] = (item.Choices, item.Right);
        var letters = spec.Form == ChoiceForm.Letters;
        var head = letters ? $"The following are multiple choice questions (with answers) about {item.Subject.Replace('_', ' ')}.\n\n" : "";
        var solved = string.Concat(
            shots.Take(spec.Shots).Select(shot => $"{Ask(shot, letters)} {(letters ? Letters[shot.Right] : shot.Choices[shot.Right])}\n\n")
        );
        var prompt = Prompt.Of(spec.Prompting, head + solved + Ask(item, letters));
        var choices = letters ? Letters.Select(letter => $" {letter}") : item.Choices.Select(choice => " " + choice);
        return new(
            id,
            item.Subject,
            Ask(item, letters: true),
            item.Choices[item.Right],
            [.. choices.Select(choice => new ContinuationRequest(prompt, choice))]
        );
    }

    private static string Ask(Item item, bool letters) =>
        letters
            ? $"{item.Text}\n{string.Join('\n', item.Choices.Select((choice, i) => $"{Letters[i]}. {choice}"))}\nAnswer:"
            : $"Question: {item.Text}\nAnswer:";

    private static bool IsShots(string name) =>
        name.Split('/').Contains("dev", StringComparer.Ordinal)
        || Path.GetFileNameWithoutExtension(name).EndsWith("_dev", StringComparison.Ordinal);

    private static List<Item> Read(BenchmarkText file)
    {
        var subject = Path.GetFileNameWithoutExtension(file.Name);
        subject = subject[..(subject.LastIndexOf('_') is var at && at > 0 ? at : subject.Length)];
        return
        [
            .. Rows(file)
                .Select(
                    (row, number) =>
                        row.Length == 6 && RightOf(row[5]) is var right and >= 0
                            ? new Item(subject, row[0].Trim(), [.. row[1..5].Select(choice => choice.Trim())], right)
                            : throw new BenchmarkException(
                                $"{file.Name}, row {number + 1}: a row has a question, four choices and a letter A to D (or a number 0 to 3)."
                            )
                ),
        ];
    }
}
