using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>
/// What a model still knows of general text, before and after tuning: is a passage's last word foreseen among words that the text uses as
/// often (as LAMBADA does, arXiv:1606.06031), and is the true next sentence told from three others of the same text (as HellaSwag does,
/// arXiv:1905.07830)? Made of the base model's own held-out text, so that it is always at hand.
/// </summary>
public sealed partial class GeneralTextBenchmark : Benchmark
{
    /// <summary>Metrics, and categories, of the two kinds of questions: shares of right answers, 0 to 1.</summary>
    private const string LastWord = "last_word",
        NextSentence = "next_sentence";
    private const int Choices = 4,
        FewestWords = 6,
        MostWords = 40,
        SentencesBefore = 3;
    private readonly Dictionary<string, string[]> _choices = new(StringComparer.Ordinal);

    /// <exception cref="BenchmarkException">The base model ships no general text, or too little.</exception>
    public GeneralTextBenchmark(BenchmarkSpec spec, OwnData data)
    {
        if (data.General is not { } text)
        {
            throw new BenchmarkException("The base model ships no held-out general text (heldout.txt).");
        }

        string[] sentences =
        [
            .. Sentence()
                .Split(text.ReplaceLineEndings(" "))
                .Select(sentence => sentence.Trim())
                .Where(sentence => Words(sentence) is >= FewestWords and <= MostWords),
        ];
        List<int> places = [.. Enumerable.Range(SentencesBefore, Math.Max(0, sentences.Length - SentencesBefore))];
        if (places.Count < Choices)
        {
            throw new BenchmarkException("The base model's general text is too short to make questions of.");
        }

        string[] endings = [.. sentences.Select(LastWordOf).Where(word => word.Length > 0)];
        Questions =
        [
            .. QuestionDraw
                .Some(places, (spec.MaxQuestions ?? int.MaxValue - 1) / 2, spec.Seed)
                .SelectMany(place => Both(spec, sentences, endings, place)),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <inheritdoc/>
    public override string MainMetric => MultipleChoice.Accuracy;

    /// <inheritdoc/>
    public override string Note =>
        "The base model's own held-out text: what falls from the base to the tuned model was forgotten. Guessing gives 25 %.";

    /// <summary>Right where the choice of the highest log-likelihood a token is the true one.</summary>
    public override QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses)
    {
        var choices = _choices[question.Id];
        double[] perToken = [.. responses.Select(response => response.LogProbability / Math.Max(1, response.Tokens))];
        var chosen = MultipleChoice.Highest(perToken);
        var right = string.Equals(choices[chosen], question.Expected, StringComparison.Ordinal) ? 1 : 0;
        return new(
            choices[chosen],
            new Dictionary<string, double>(StringComparer.Ordinal) { [MultipleChoice.Accuracy] = right, [question.Category] = right }
        );
    }

    private IEnumerable<BenchmarkQuestion> Both(BenchmarkSpec spec, string[] sentences, string[] endings, int place)
    {
        var random = QuestionDraw.Random(spec.Seed, place);
        var before = string.Join(' ', sentences[(place - SentencesBefore)..place]);
        yield return Ask($"{place}/sentence", NextSentence, before, sentences[place], sentences, random);
        if (LastWordOf(sentences[place]) is { Length: > 0 } word)
        {
            yield return Ask(
                $"{place}/word",
                LastWord,
                before + " " + sentences[place][..sentences[place].LastIndexOf(word, StringComparison.Ordinal)].TrimEnd(),
                word,
                endings,
                random
            );
        }
    }

    private BenchmarkQuestion Ask(string id, string category, string before, string right, string[] others, Random random)
    {
        var choices = new List<string> { right };
        for (var tries = 0; choices.Count < Choices && tries < 100; tries++)
        {
            if (others[random.Next(others.Length)] is var other && !choices.Contains(other, StringComparer.Ordinal))
            {
                choices.Add(other);
            }
        }

        string[] shuffled = [.. choices];
        random.Shuffle(shuffled);
        _choices[id] = shuffled;
        return new(id, category, before, right, [.. shuffled.Select(choice => new ContinuationRequest(new(before, null), " " + choice))]);
    }

    private static string LastWordOf(string sentence) =>
        Ending().Match(sentence) is { Success: true } match ? match.Groups["word"].Value : "";

    private static int Words(string sentence) => sentence.Split(' ').Length;

    [GeneratedRegex(@"(?<=[.!?]) ", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@" (?<word>\p{L}{3,})[.!?]$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Ending();
}
