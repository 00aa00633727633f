using System.Globalization;

namespace WebTrainer.Pipeline.Documentation;

/// <summary>Licences and languages in the words that model hubs and loaders know.</summary>
public static class HubWords
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> s_languages = new(Languages);

    /// <returns>ISO codes of the languages that people named, by code, in English or in the language itself; what is none is left
    /// out.</returns>
    public static IReadOnlyList<string> LanguagesOf(string answer)
    {
        var names = answer.Split([',', ';', '،', '/', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. names.Select(name => s_languages.Value.GetValueOrDefault(name.ToLowerInvariant())).OfType<string>().Distinct()];
    }

    /// <returns>The licence's SPDX id as hubs write it, in small letters; null for what is no id.</returns>
    public static string? LicenseId(string license) =>
        license.Length > 0 && license.Any(char.IsAsciiLetter) && license.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+')
            ? license.ToLowerInvariant()
            : null;

    private static Dictionary<string, string> Languages()
    {
        var codes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var culture in CultureInfo.GetCultures(CultureTypes.NeutralCultures).Where(c => c.Name.Length is 2 or 3))
        {
            foreach (var name in (string[])[culture.Name, culture.ThreeLetterISOLanguageName, culture.EnglishName, culture.NativeName])
            {
                codes.TryAdd(name.ToLowerInvariant(), culture.TwoLetterISOLanguageName);
            }
        }

        return codes;
    }
}
