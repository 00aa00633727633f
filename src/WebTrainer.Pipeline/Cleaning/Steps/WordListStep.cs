using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>What is done about a word of the list.</summary>
public enum WordListAction
{
    /// <summary>Its row goes.</summary>
    SetAside,

    /// <summary>Writes asterisks instead.</summary>
    Mask,
}

/// <summary>Finds words that nobody wants a model to say: whole words, whatever their case.</summary>
public sealed record WordListStep : CleanStep
{
    private const int MaxWords = 5_000;
    private const int MaxWordLength = 100;

    /// <summary>A beginning, in English; each team has words of its own.</summary>
    public static IReadOnlyList<string> Usual { get; } =
    [
        "arsehole",
        "asshole",
        "bastard",
        "bitch",
        "bullshit",
        "cunt",
        "dickhead",
        "fuck",
        "fucked",
        "fucker",
        "fucking",
        "motherfucker",
        "shit",
        "shitty",
        "slut",
        "twat",
        "wanker",
        "whore",
    ];

    /// <summary>1 to 5,000 words or phrases of 1 to 100 characters; spaces around them don't count.</summary>
    public IReadOnlyList<string> Words { get; init; } = Usual;

    /// <summary>What is done about a word that is found.</summary>
    public WordListAction Action { get; init; }

    /// <inheritdoc/>
    public override string? Fault()
    {
        if (Words is null || Words.Count is 0 or > MaxWords)
        {
            return $"A list has 1 to {MaxWords:N0} words.";
        }

        return Words.Any(w => string.IsNullOrWhiteSpace(w) || w.Length > MaxWordLength)
            ? $"Each word has 1 to {MaxWordLength} characters."
            : null;
    }

    internal override StepWork Begin(CleanContext context)
    {
        var words = new Regex(
            $@"\b(?:{string.Join('|', Words.Select(w => w.Trim()).Distinct().OrderByDescending(w => w.Length).Select(Regex.Escape))})\b",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
        );
        return Action == WordListAction.Mask
            ? new TextWork(text => words.Replace(text, found => new string('*', found.Length)))
            : new SieveWork(row => words.IsMatch(RowTexts.Of(row, RowField.AllText)!) ? "It holds a word of the list." : null);
    }
}
