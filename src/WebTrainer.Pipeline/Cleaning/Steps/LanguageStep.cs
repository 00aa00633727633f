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

    /// <summary>Texts shorter than this stay: two words may be any language.</summary>
    public int LeastCharacters { get; init; } = 20;

    public override string? Fault()
    {
        if (Languages is null || Languages.Count == 0) return "Choose at least one language.";
        if (LeastCharacters < 0) return "The shortest text that is judged has 0 or more characters.";
        return Languages.FirstOrDefault(l => !Known.Contains(l)) is { } other ? $"'{other}' is none of the languages that can be told apart: {string.Join(", ", Known)}." : null;
    }

    /// <returns>The ISO 639-1 code; null where the text doesn't say.</returns>
    public static string? Detect(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var language = s_detector.Value.DetectLanguageOf(text.Length > MostCharacters ? text[..MostCharacters] : text);
        return language == Language.Unknown ? null : LanguageInfo.IsoCode6391(language).ToString().ToLowerInvariant();
    }

    internal override StepWork Begin(CleanContext context) => new SieveWork(row =>
    {
        if (RowTexts.Of(row, Field) is not { } text || text.Length < LeastCharacters) return null;
        return Detect(text) is { } language && !Languages.Contains(language) ? $"Its language is {language}." : null;
    });

    private static Language LanguageOf(string code) => LanguageInfo.GetByIsoCode6391(Enum.Parse<IsoCode6391>(code, ignoreCase: true));
}
