using System.Globalization;
using Lingua;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Sets aside rows in other languages than those wanted (Lingua).</summary>
public sealed record LanguageStep : CleanStep
{
    /// <summary>Characters that are looked at: a language shows within a paragraph.</summary>
    private const int MostCharacters = 600;

    /// <summary>Languages that are told apart, as ISO 639-1 codes. More of them need more memory and err more often between neighbours.</summary>
    public static IReadOnlyList<string> Known { get; } =
        ["ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "ur", "vi", "zh"];

    // Read once, all runs share them. Models of three letters only: a tenth of the memory, and as right on a sentence.
    private static readonly Lazy<LanguageDetector> s_detector = new(() =>
        LanguageDetectorBuilder.FromLanguages([.. Known.Select(LanguageOf)]).WithLowAccuracyMode().WithMinimumRelativeDistance(0.05).Build());

    /// <summary>ISO 639-1 codes of the languages that stay.</summary>
    public IReadOnlyList<string> Languages { get; init; } = ["en"];
    public RowField Field { get; init; } = RowField.Prompt;

    /// <summary>Texts shorter than this are not judged: two words may be any language.</summary>
    public int LeastCharacters { get; init; } = 20;

    /// <summary>How sure it must be, from 0 to 1, to judge a text at all. 1 is surer than anything.</summary>
    public double LeastConfidence { get; init; }

    /// <summary>Sets rows aside too that are too short to judge, or of which it isn't sure enough; else they stay.</summary>
    public bool SetAsideUnsure { get; init; }

    public override string? Fault()
    {
        if (Languages is null || Languages.Count == 0) return "Choose at least one language.";
        if (LeastConfidence is not (>= 0 and <= 1)) return "How sure it must be is a number from 0 to 1.";
        if (LeastCharacters < 0) return "The shortest text that is judged has 0 or more characters.";
        return Languages.FirstOrDefault(l => !Known.Contains(l)) is { } other ? $"'{other}' is none of the languages that can be told apart: {string.Join(", ", Known)}." : null;
    }

    /// <returns>The ISO 639-1 code; null where the text doesn't say.</returns>
    public static string? Detect(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var language = s_detector.Value.DetectLanguageOf(Beginning(text));
        return language == Language.Unknown ? null : LanguageInfo.IsoCode6391(language).ToString().ToLowerInvariant();
    }

    /// <returns>The likeliest language, and how likely it is among those known, from 0 to 1; null where the text doesn't say.</returns>
    public static (string Language, double Confidence)? DetectWithConfidence(string text)
    {
        if (Detect(text) is not { } language) return null;
        var values = s_detector.Value.ComputeLanguageConfidenceValues(Beginning(text));
        return (language, values.GetValueOrDefault(LanguageOf(language)));
    }

    internal override StepWork Begin(CleanContext context) => new SieveWork(row => RowTexts.Of(row, Field) is { } text ? Judge(text) : null);

    private string? Judge(string text)
    {
        if (text.Length < LeastCharacters) return SetAsideUnsure ? $"Its {text.Length:N0} characters are too few to tell its language." : null;
        var found = LeastConfidence > 0 ? DetectWithConfidence(text) : Detect(text) is { } only ? (only, 1) : null;
        if (found is not { } sure) return SetAsideUnsure ? "Its language can't be told." : null;
        if (sure.Confidence < LeastConfidence)
            return SetAsideUnsure ? string.Create(CultureInfo.InvariantCulture, $"Its language may be {sure.Language}, but that is only {sure.Confidence:0.00} sure.") : null;
        return Languages.Contains(sure.Language) ? null : $"Its language is {sure.Language}.";
    }

    private static string Beginning(string text) => text.Length > MostCharacters ? text[..MostCharacters] : text;

    private static Language LanguageOf(string code) => LanguageInfo.GetByIsoCode6391(Enum.Parse<IsoCode6391>(code, ignoreCase: true));
}
