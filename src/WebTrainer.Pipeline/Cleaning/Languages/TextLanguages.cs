using System.Text.RegularExpressions;
using Lingua;

namespace WebTrainer.Pipeline.Cleaning.Languages;

/// <summary>How well texts fit languages, by their sequences of three letters (Lingua).</summary>
internal static partial class TextLanguages
{
    /// <summary>Characters that are looked at: a language shows within a paragraph.</summary>
    private const int MostCharacters = 600;

    /// <summary>A Chinese character says as much as about three letters.</summary>
    private const int LettersOfIdeograph = 3;

    private const char FirstIdeograph = '\u2E80';

    /// <summary>
    /// Languages that are told apart, as ISO 639-1 codes. More of them need more memory and err more often between neighbours.
    /// </summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        "ar",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "fa",
        Finglish.Code,
        "fi",
        "fr",
        "he",
        "hi",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
        "nl",
        "pl",
        "pt",
        "ro",
        "ru",
        "sv",
        "tr",
        "uk",
        "ur",
        "vi",
        "zh",
    ];

    private static readonly Dictionary<Language, string> s_codes = Known
        .Where(c => c != Finglish.Code)
        .ToDictionary(c => LanguageInfo.GetByIsoCode6391(Enum.Parse<IsoCode6391>(c, ignoreCase: true)));

    private static readonly Dictionary<string, double> s_finglish = new() { [Finglish.Code] = 1 };

    // Read once, all runs share them. Models of three letters only: a tenth of the memory, and as right on a sentence.
    private static readonly Lazy<LanguageDetector> s_detector = new(() =>
        LanguageDetectorBuilder.FromLanguages([.. s_codes.Keys]).WithLowAccuracyMode().Build()
    );

    /// <returns>How likely the text is in each of the known languages, as if all were equally common; the sum is 1. Empty where the text
    /// doesn't say.</returns>
    public static IReadOnlyDictionary<string, double> Likelihoods(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = Address().Replace(text.Length > MostCharacters ? text[..MostCharacters] : text, " ");
        if (Finglish.IsIt(words))
        {
            return s_finglish;
        }

        return s_detector
            .Value.ComputeLanguageConfidenceValues(words)
            .Where(v => v.Value > 0)
            .ToDictionary(v => s_codes[v.Key], v => v.Value);
    }

    /// <summary>Characters of a text for the question whether it has enough of them; an ideograph counts as several.</summary>
    public static int Length(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length + ((LettersOfIdeograph - 1) * text.Count(c => c >= FirstIdeograph && char.IsLetter(c)));
    }

    /// <summary>Addresses are of no language.</summary>
    [GeneratedRegex(@"(?:\w+://|www\.)\S+|\S+@\S+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Address();
}
