using System.Text.RegularExpressions;
using PhoneNumbers;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>Phone numbers that can exist, as the numbering plans of all countries say (libphonenumber).</summary>
/// <param name="region">Country whose numbers are written without their prefix, by its two letters; ZZ for none.</param>
internal sealed partial class PhoneFinder(string region) : IFinder
{
    private const string NoRegion = "ZZ";

    /// <summary>Candidates that the library looks into of one text, so that pages of numbers don't take for ever.</summary>
    private const int MostTries = 10_000;

    private readonly PhoneNumberUtil _numbers = PhoneNumberUtil.GetInstance();

    public string Name => "PHONE";

    public IEnumerable<Found> Find(string text) => MayHold(text)
        ? _numbers.FindNumbers(text, region, PhoneNumberUtil.Leniency.VALID, MostTries).Select(m => new Found(m.Start, m.Start + m.Length))
        : [];

    // The library tries every pattern it knows at every digit: most texts are spared it.
    private bool MayHold(string text) =>
        (region != NoRegion || text.AsSpan().ContainsAny('+', '\uFF0B')) && SevenDigits().IsMatch(text);

    [GeneratedRegex(@"\d(?:[ ()./\u00A0\u2010-\u2015-]{0,3}\d){6}", RegexOptions.CultureInvariant, PatternFinder.TimeoutMilliseconds)]
    private static partial Regex SevenDigits();
}
