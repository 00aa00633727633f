using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace WebTrainer.Domain.Labels;

/// <summary>What kind of answer a question wants, and how that is stored.</summary>
public enum QuestionKind
{
    /// <summary>One of the options.</summary>
    Choose,

    /// <summary>Any of the options; stored as a JSON array in the options' order.</summary>
    ChooseMany,

    /// <summary>Points from <see cref="Question.Min"/> to <see cref="Question.Max"/>.</summary>
    Rate,

    /// <summary><c>yes</c> or <c>no</c>.</summary>
    YesNo,

    /// <summary>Free text.</summary>
    Text,

    /// <summary>A better response than the one shown.</summary>
    Rewrite,

    /// <summary>Stretches of the text, each with an option; stored as a JSON array of <see cref="SpanMark"/>.</summary>
    Spans,

    /// <summary>All options, or all responses of the item, the best first; stored as a JSON array.</summary>
    Rank,

    /// <summary>Which of two responses is better; see <see cref="Preference"/>.</summary>
    BestOfTwo,

    /// <summary>Points for each answer of a conversation; stored as a JSON array of numbers.</summary>
    TurnRatings,

    /// <summary>Marks of an earlier question that belong together, each pair with an option; stored as a JSON array of
    /// <see cref="SpanLink"/>.</summary>
    Links,
}

/// <summary>A marked stretch of the text.</summary>
/// <param name="Start">Its first UTF-16 unit, from 0.</param>
/// <param name="End">The first unit after it.</param>
/// <param name="Label">One of the question's options.</param>
public sealed record SpanMark(int Start, int End, string Label);

/// <summary>Asks a question only of those who gave this value to an earlier one.</summary>
public sealed record Condition(string Key, string Value);

/// <summary>What an item holds, as far as answers must fit it.</summary>
/// <param name="TextLength">UTF-16 units of the text that spans are marked in.</param>
/// <param name="Turns">Answers of the assistant in the conversation.</param>
/// <param name="Candidates">Responses to compare.</param>
public sealed record ItemShape(int TextLength, int Turns, int Candidates);

/// <summary>The four answers to "which is better", as they are stored; shown, the two sides change places by person and item.</summary>
public static class Preference
{
    /// <summary>The first response as stored, wherever it was shown.</summary>
    public const string First = "first";

    /// <summary>The second response as stored, wherever it was shown.</summary>
    public const string Second = "second";

    /// <summary>Both are equally good.</summary>
    public const string Tie = "tie";

    /// <summary>Neither is good enough to learn from.</summary>
    public const string BothBad = "bad";

    /// <summary>In the order in which they are offered.</summary>
    public static IReadOnlyList<string> All { get; } = [First, Second, Tie, BothBad];

    /// <summary>The same judgement when the sides have changed places.</summary>
    public static string Swap(string value) =>
        value switch
        {
            First => Second,
            Second => First,
            _ => value,
        };
}

/// <summary>One question of a task. Answers are strings in one canonical form, so that equal answers are equal strings.</summary>
public sealed partial record Question
{
    /// <summary>Of what is asked, in UTF-16 units after trimming.</summary>
    public const int MaxTextLength = 2000;

    /// <summary>Of one question.</summary>
    public const int MaxOptions = 500;

    /// <summary>Different numbers of points on a scale.</summary>
    public const int MaxPoints = 10;

    /// <summary>Of a text without a limit of its own, in UTF-16 units.</summary>
    public const int MaxAnswerLength = 100_000;

    /// <summary>Marks in one answer.</summary>
    public const int MaxSpans = 1000;
    private const int UsualPoints = 5;
    private readonly int? _max;

    /// <summary>Names the question in exports and conditions: <c>quality</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Decides which answers fit and how <see cref="Min"/> and <see cref="Max"/> are meant.</summary>
    public required QuestionKind Kind { get; init; }

    /// <summary>What is asked.</summary>
    public required string Text { get; init; }

    /// <summary>
    /// The labels, each different and none blank; empty for kinds without them. A ranking without options ranks responses.
    /// </summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Lowest number of points; of choices for <see cref="QuestionKind.ChooseMany"/>; of characters for texts.</summary>
    public int Min { get; init; } = 1;

    /// <summary>
    /// Highest number of points, 5 where none is given, of choices or of characters; 0 is no limit of the question's own.
    /// </summary>
    public int Max
    {
        get => _max ?? (Kind is QuestionKind.Rate or QuestionKind.TurnRatings ? UsualPoints : 0);
        init => _max = value;
    }

    /// <summary>A sheet without an answer is refused, where the question is put; marks and links may still be none.</summary>
    public bool Required { get; init; } = true;

    /// <summary>Null for a question that is always put.</summary>
    public Condition? DependsOn { get; init; }

    private static string[] YesAndNo { get; } = ["yes", "no"];

    /// <summary>The values a key can pick; empty where the answer is written or marked.</summary>
    public IReadOnlyList<string> Choices =>
        Kind switch
        {
            QuestionKind.Choose or QuestionKind.ChooseMany => Options,
            QuestionKind.Rate => [.. Enumerable.Range(Min, Max - Min + 1).Select(p => p.ToString(CultureInfo.InvariantCulture))],
            QuestionKind.YesNo => YesAndNo,
            QuestionKind.BestOfTwo => Preference.All,
            _ => [],
        };

    /// <summary>Whether there may be nothing to find, so that an empty list is an answer.</summary>
    public bool MayFindNothing => Kind is QuestionKind.Spans or QuestionKind.Links;

    /// <summary>A question of a kind as one would begin with it.</summary>
    public static Question New(QuestionKind kind, string key, string text, params IEnumerable<string> options) =>
        new()
        {
            Key = key,
            Kind = kind,
            Text = text,
            Options = [.. options],
        };

    /// <exception cref="RuleViolationException">It can't be asked so.</exception>
    public void Check()
    {
        if (!KeyPattern().IsMatch(Key))
        {
            throw new RuleViolationException(
                $"The name '{Key}' of a question has to be small letters, digits and _, and begin with a letter."
            );
        }

        if (Text.Trim().Length is 0 or > MaxTextLength)
        {
            throw new RuleViolationException($"Question '{Key}': write what is asked, in at most {MaxTextLength} characters.");
        }

        var needsOptions = Kind is QuestionKind.Choose or QuestionKind.ChooseMany or QuestionKind.Spans or QuestionKind.Links;
        if (needsOptions && (Options.Count < (Kind == QuestionKind.Choose ? 2 : 1) || Options.Count > MaxOptions))
        {
            throw new RuleViolationException(
                $"Question '{Key}' needs {(Kind == QuestionKind.Choose ? 2 : 1)} to {MaxOptions} different labels."
            );
        }

        if (Options.Distinct().Count() != Options.Count || Options.Any(string.IsNullOrWhiteSpace))
        {
            throw new RuleViolationException($"Question '{Key}': each label is needed once, and none may be empty.");
        }

        if (Kind is QuestionKind.Rate or QuestionKind.TurnRatings && (Min < 0 || Max <= Min || Max - Min >= MaxPoints))
        {
            throw new RuleViolationException(
                $"Question '{Key}': points go from a lower to a higher number, with at most {MaxPoints} steps."
            );
        }
    }

    /// <summary>Checks an answer and gives it in its stored form.</summary>
    /// <exception cref="RuleViolationException">It does not answer this question.</exception>
    public string Accept(string value, ItemShape shape) =>
        Kind switch
        {
            QuestionKind.Choose or QuestionKind.BestOfTwo or QuestionKind.YesNo => Choices.Contains(value)
                ? value
                : throw Refuse($"'{value}' is none of its answers"),
            QuestionKind.Rate => Choices.Contains(value) ? value : throw Refuse($"a rating is a number from {Min} to {Max}"),
            QuestionKind.ChooseMany => AcceptMany(value),
            QuestionKind.Text or QuestionKind.Rewrite => AcceptText(value),
            QuestionKind.Spans => AcceptSpans(value, shape),
            QuestionKind.Rank => AcceptRanking(value, shape),
            QuestionKind.TurnRatings => AcceptTurns(value, shape),
            QuestionKind.Links => AcceptLinks(value),
            _ => throw new InvalidOperationException($"Nobody can answer a question of kind {Kind}."),
        };

    private string AcceptMany(string value)
    {
        var chosen = Parse<string[]>(value);
        if (chosen.FirstOrDefault(c => !Options.Contains(c)) is { } unknown)
        {
            throw Refuse($"'{unknown}' is none of its labels");
        }

        if (chosen.Length < Min)
        {
            throw Refuse($"choose at least {Min}");
        }

        if (Max > 0 && chosen.Length > Max)
        {
            throw Refuse($"choose at most {Max}");
        }

        return JsonSerializer.Serialize(Options.Where(chosen.Contains), s_json);
    }

    private string AcceptText(string value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw Refuse("write something");
        }

        if (value.Length < Min)
        {
            throw Refuse($"write at least {Min} characters");
        }

        var most = Max > 0 ? Max : MaxAnswerLength;
        return value.Length <= most ? value : throw Refuse($"write at most {most} characters; these are {value.Length}");
    }

    private string AcceptSpans(string value, ItemShape shape)
    {
        var spans = Parse<SpanMark[]>(value);
        if (spans.Length > MaxSpans)
        {
            throw Refuse($"mark at most {MaxSpans} stretches");
        }

        foreach (var span in spans)
        {
            if (!Options.Contains(span.Label))
            {
                throw Refuse($"'{span.Label}' is none of its labels");
            }

            if (span.Start < 0 || span.End <= span.Start || span.End > shape.TextLength)
            {
                throw Refuse($"a mark from {span.Start} to {span.End} lies outside the text of {shape.TextLength} characters");
            }
        }

        return JsonSerializer.Serialize(
            spans.Distinct().OrderBy(s => s.Start).ThenBy(s => s.End).ThenBy(s => s.Label, StringComparer.Ordinal),
            s_json
        );
    }

    private string AcceptRanking(string value, ItemShape shape)
    {
        var ranked = Parse<string[]>(value);
        var expected = Ranked(shape);
        return ranked.Length == expected.Count && ranked.Distinct().Count() == ranked.Length && ranked.All(expected.Contains)
            ? JsonSerializer.Serialize(ranked, s_json)
            : throw Refuse("put each of them in its place, once");
    }

    /// <summary>What a ranking puts in order: the options, or the item's responses by their number from 0.</summary>
    public IReadOnlyList<string> Ranked(ItemShape shape) =>
        Options.Count > 0 ? Options : [.. Enumerable.Range(0, shape.Candidates).Select(c => c.ToString(CultureInfo.InvariantCulture))];

    private string AcceptTurns(string value, ItemShape shape)
    {
        var points = Parse<int[]>(value);
        return points.Length == shape.Turns && points.All(p => p >= Min && p <= Max)
            ? JsonSerializer.Serialize(points, s_json)
            : throw Refuse($"give each of the {shape.Turns} answers {Min} to {Max} points");
    }

    private T Parse<T>(string value)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(value, s_json) ?? throw Refuse("the answer is empty");
        }
        catch (JsonException)
        {
            throw Refuse("the answer can't be read");
        }
    }

    private RuleViolationException Refuse(string why) => new($"“{(Text.Length > 60 ? Text[..60] + "…" : Text)}”: {why}.");

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // stored, never put into a page as markup
    };

    [GeneratedRegex("^[a-z][a-z0-9_]{0,31}$", RegexOptions.NonBacktracking, 1000)]
    private static partial Regex KeyPattern();
}
