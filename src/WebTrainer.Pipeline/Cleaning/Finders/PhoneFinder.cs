using PhoneNumbers;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>Phone numbers that can exist, as the numbering plans of all countries say (libphonenumber).</summary>
/// <param name="region">Country whose numbers are written without their prefix, by its two letters; ZZ for none.</param>
internal sealed class PhoneFinder(string region) : IFinder
{
    private const int LeastDigits = 7;

    /// <summary>Candidates that the library looks into of one text, so that pages of numbers don't take for ever.</summary>
    private const int MostTries = 10_000;

    private readonly PhoneNumberUtil _numbers = PhoneNumberUtil.GetInstance();

    public string Name => "PHONE";

    public IEnumerable<Found> Find(string text) => Quick.HasDigits(text, LeastDigits)
        ? _numbers.FindNumbers(text, region, PhoneNumberUtil.Leniency.VALID, MostTries).Select(m => new Found(m.Start, m.Start + m.Length))
        : [];
}
