using System.Text;
using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>
/// How well running text is foreseen, per word, byte and token, with the conventions of lm-evaluation-harness: words are what white space
/// parts, bytes are UTF-8. Models with other tokenizers can be compared by word and byte, not by token.
/// </summary>
public sealed partial class TextPerplexity : Benchmark
{
    /// <summary>Metrics: perplexity a word, a byte and a token, from 1 on, and bits a byte, from 0 on; lower is better.</summary>
    public const string Word = "word_perplexity",
        Byte = "byte_perplexity",
        BitsPerByte = "bits_per_byte",
        Token = "token_perplexity";

    /// <summary>Lines are put together to passages of about this many characters, which the interval is made of.</summary>
    private const int PassageCharacters = 8000;

    /// <summary>What a passage's own value is: bits a byte, so that passages of any length compare.</summary>
    private const string LogProbability = "log_probability",
        Words = "words",
        Bytes = "bytes",
        Tokens = "tokens";

    /// <summary>Cuts texts at line ends into passages of about 8,000 characters.</summary>
    /// <param name="spec">Most passages, and the seed that draws them.</param>
    /// <param name="files">Plain texts.</param>
    /// <exception cref="BenchmarkException">There is no text.</exception>
    public TextPerplexity(BenchmarkSpec spec, IReadOnlyList<BenchmarkText> files)
    {
        var passages = QuestionDraw.Some([.. files.SelectMany(file => Passages(file.Text))], spec.MaxQuestions, spec.Seed);
        if (passages.Count == 0)
        {
            throw new BenchmarkException("The files hold no text.");
        }

        Questions =
        [
            .. passages.Select((text, number) => new BenchmarkQuestion($"{number + 1}", "", text, "", [new WholeTextRequest(text)])),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <inheritdoc/>
    public override string MainMetric => BitsPerByte;

    /// <summary>Bits a byte of the passage, and the sums that the figures over all passages are made of.</summary>
    public override QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses)
    {
        var (text, response) = (question.Prompt, responses[0]);
        var bytes = Encoding.UTF8.GetByteCount(text);
        return new(
            "",
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                [BitsPerByte] = -response.LogProbability / bytes / Math.Log(2),
                [LogProbability] = response.LogProbability,
                [Words] = Space().Split(text).Length,
                [Bytes] = bytes,
                [Tokens] = response.Tokens,
            }
        );
    }

    /// <summary>Ratios of sums over all passages, not means of passages: long ones count more.</summary>
    public override IReadOnlyList<MetricFigure> Summarise(IReadOnlyList<QuestionScore> scores)
    {
        double[] Of(string name) => [.. scores.Select(score => score.Values[name])];
        var likelihoods = Of(LogProbability);
        var byBytes = Figure.Perplexity(Byte, likelihoods, Of(Bytes));
        return
        [
            new(BitsPerByte, Math.Log2(byBytes.Value), Math.Log2(byBytes.Low), Math.Log2(byBytes.High), byBytes.Count),
            Figure.Perplexity(Word, likelihoods, Of(Words)),
            byBytes,
            Figure.Perplexity(Token, likelihoods, Of(Tokens)),
        ];
    }

    internal static bool Recognises(BenchmarkText file) => file.Name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Passages(string text)
    {
        var passage = new StringBuilder();
        foreach (var line in text.Split('\n').Where(line => !string.IsNullOrWhiteSpace(line)))
        {
            passage.Append(line).Append('\n');
            if (passage.Length < PassageCharacters)
            {
                continue;
            }

            yield return passage.ToString().Trim();
            passage.Clear();
        }

        if (passage.ToString().Trim() is { Length: > 0 } rest)
        {
            yield return rest;
        }
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Space();
}
