using System.Text.RegularExpressions;
using PhoneNumbers;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>
/// Phone numbers that can exist, as the numbering plans of all countries say (libphonenumber), and mobile numbers of Iran as they are
/// written there.
/// </summary>
/// <param name="region">Country whose numbers are written without their prefix, by its two letters; ZZ for none.</param>
internal sealed partial class PhoneFinder(string region) : IFinder
{
    private const string NoRegion = "ZZ";

    /// <summary>Candidates that the library looks into of one text, so that pages of numbers don't take for ever.</summary>
    private const int MostTries = 10_000;

    private readonly PhoneNumberUtil _numbers = PhoneNumberUtil.GetInstance();

    public string Name => "PHONE";

    public IEnumerable<Found> Find(string text)
    {
        if (!SevenDigits().IsMatch(text))
        {
            return [];
        }

        List<Found> found =
            region != NoRegion || text.AsSpan().ContainsAny('+', '\uFF0B')
                ?
                [
                    .. _numbers
                        .FindNumbers(text, region, PhoneNumberUtil.Leniency.VALID, MostTries)
                        .Select(m => new Found(m.Start, m.Start + m.Length)),
                ]
                : [];
        found.AddRange(
            IranianMobile()
                .Matches(text)
                .Select(m => new Found(m.Index, m.Index + m.Length))
                .Where(f => !found.Exists(o => o.Start < f.End && f.Start < o.End))
                .ToList()
        );
        return found.OrderBy(f => f.Start);
    }

    // The library tries every pattern it knows at every digit: most texts are spared it.
    [GeneratedRegex(@"\d(?:[ ()./\u00A0\u2010-\u2015-]{0,3}\d){6}", RegexOptions.CultureInvariant, PatternFinder.TimeoutMilliseconds)]
    private static partial Regex SevenDigits();

    /// <summary>Found whatever the country: eleven digits that begin so are mobile numbers elsewhere too.</summary>
    [GeneratedRegex(
        @"(?<![\w.+\--[\u0590-\uFFFF]])(?:0|0098[ -]?0?|98)9[0-49]\d(?:[ -]?\d){7}(?![\w\--[\u0590-\uFFFF]])",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex IranianMobile();
}
