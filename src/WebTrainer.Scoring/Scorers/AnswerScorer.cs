using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;
using WebTrainer.Embedding;
using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Scorers;

/// <summary>A scorer can't be used as it was asked for; the message says why in a sentence.</summary>
public sealed class ScorerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One way to score an answer by its text, as an evaluation's spec asks for it.</summary>
public sealed partial class AnswerScorer
{
    private static readonly TimeSpan s_patternTime = TimeSpan.FromMilliseconds(200);
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 64 };
    private readonly Func<string, string, double> _score;

    private AnswerScorer(string name, Func<string, string, double> score) => (Name, _score) = (name, score);

    /// <summary>How reports call it.</summary>
    public string Name { get; }

    /// <returns>0 to 1.</returns>
    public double Score(string answer, string expected) => _score(answer, expected);

    /// <summary>The scorers of single answers that a spec asks for: most often one; none where it is of all answers together.</summary>
    /// <exception cref="ScorerException">The pattern or schema is none.</exception>
    public static IReadOnlyList<AnswerScorer> AllOf(ScorerSpec spec, IReadOnlyList<string> expected) =>
        spec.Kind switch
        {
            ScorerKind.Ter => [],
            ScorerKind.RougeStemmed =>
            [
                new("ROUGE-1, stems", (answer, right) => Rouge.N(answer, right, 1, stem: true).F),
                new("ROUGE-2, stems", (answer, right) => Rouge.N(answer, right, 2, stem: true).F),
                new("ROUGE-L, stems", (answer, right) => Rouge.L(answer, right, stem: true).F),
            ],
            _ => [Of(spec, expected)],
        };

    /// <param name="spec">Which way, and what it needs.</param>
    /// <param name="expected">All right answers; embeddings learn from them how much a word says.</param>
    /// <exception cref="ScorerException">The pattern or schema is none.</exception>
    public static AnswerScorer Of(ScorerSpec spec, IReadOnlyList<string> expected) =>
        spec.Kind switch
        {
            ScorerKind.Contains => new(
                "contains",
                (answer, expected) => answer.Contains(expected.Trim(), StringComparison.OrdinalIgnoreCase) ? 1 : 0
            ),
            ScorerKind.Pattern => new($"matches {spec.Pattern}", Matches(spec.Pattern)),
            ScorerKind.Number => new(
                spec.Tolerance > 0 ? string.Create(CultureInfo.InvariantCulture, $"number ±{spec.Tolerance:P1}") : "number",
                (answer, expected) => SameNumber(answer, expected, spec.Tolerance) ? 1 : 0
            ),
            ScorerKind.JsonSchema => new("JSON schema", HoldsTo(spec.Schema)),
            ScorerKind.Bleu => new("BLEU", Bleu.Sentence),
            ScorerKind.Rouge1 => new("ROUGE-1", (answer, expected) => Rouge.N(answer, expected, 1).F),
            ScorerKind.Rouge2 => new("ROUGE-2", (answer, expected) => Rouge.N(answer, expected, 2).F),
            ScorerKind.Embedding => new("embedding", Nearness(expected)),
            _ => throw new ScorerException($"The scorer '{spec.Kind}' is not known."),
        };

    /// <summary>The last number of each text; equal within a share of the right one.</summary>
    public static bool SameNumber(string answer, string expected, double tolerance) =>
        LastNumber(answer) is { } given
        && LastNumber(expected) is { } right
        && Math.Abs(given - right) <= Math.Abs(right) * tolerance + 1e-12;

    private static Func<string, string, double> Nearness(IReadOnlyList<string> expected)
    {
        var embedder = new TextEmbedder();
        foreach (var text in expected)
        {
            embedder.Learn(text);
        }

        return (answer, right) =>
        {
            Span<sbyte> given = stackalloc sbyte[TextEmbedder.Dimensions],
                wanted = stackalloc sbyte[TextEmbedder.Dimensions];
            embedder.Embed(answer, given);
            embedder.Embed(right, wanted);
            // A text without letters and digits has no place among the vectors.
            return ByteVectors.Dot(given, given) == 0 || ByteVectors.Dot(wanted, wanted) == 0
                ? 0
                : Math.Clamp(ByteVectors.Cosine(given, wanted), 0, 1);
        };
    }

    private static Func<string, string, double> Matches(string? pattern)
    {
        try
        {
            var regex = new Regex(pattern ?? "", RegexOptions.CultureInvariant, s_patternTime);
            return (answer, _) =>
            {
                try
                {
                    return regex.IsMatch(answer) ? 1 : 0;
                }
                catch (RegexMatchTimeoutException exception)
                {
                    throw new ScorerException(
                        $"The pattern takes longer than {s_patternTime.TotalMilliseconds:0} ms on an answer; make it simpler.",
                        exception
                    );
                }
            };
        }
        catch (ArgumentException exception)
        {
            throw new ScorerException("The pattern is no regular expression: " + exception.Message, exception);
        }
    }

    private static Func<string, string, double> HoldsTo(string? schema)
    {
        JsonSchema read;
        try
        {
            read = JsonSchema.FromText(schema ?? "");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or JsonSchemaException)
        {
            throw new ScorerException("The schema is no JSON schema: " + exception.Message, exception);
        }

        return (answer, _) =>
        {
            try
            {
                using var document = JsonDocument.Parse(Unfenced(answer), s_json);
                return read.Evaluate(document.RootElement).IsValid ? 1 : 0;
            }
            catch (JsonException)
            {
                return 0; // an answer that is no JSON holds to no schema
            }
        };
    }

    /// <summary>Models like to put JSON into a Markdown fence.</summary>
    private static string Unfenced(string answer) => Fence().Match(answer) is { Success: true } match ? match.Groups["json"].Value : answer;

    private static double? LastNumber(string text)
    {
        var matches = Number().Matches(text);
        return
            matches.Count > 0
            && double.TryParse(
                matches[^1].Value.Replace(",", "", StringComparison.Ordinal),
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out var number
            )
            ? number
            : null;
    }

    [GeneratedRegex(@"-?\d[\d,]*(\.\d+)?([eE][+-]?\d+)?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Number();

    [GeneratedRegex(@"^\s*```(json)?\s*\n(?<json>[\s\S]*?)\n?```\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();
}
