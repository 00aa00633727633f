using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>
/// International bank account numbers (ISO 13616): country, its length, and check digits; groups may be set apart by spaces or dashes.
/// Those of Iran (شبا) without their country too, after that word.
/// </summary>
internal sealed partial class IbanFinder : IFinder
{
    /// <summary>Country and length, of the IBAN registry.</summary>
    private static readonly Dictionary<string, int> s_lengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 "
        + "GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
        + "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 "
        + "TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 "
        // Used by their banks, and not in the registry.
        + "AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28"
    ).Split(' ').ToDictionary(e => e[..2], e => int.Parse(e[2..], System.Globalization.CultureInfo.InvariantCulture));

    private const string Iran = "IR";

    /// <summary>The first letter of the scripts that often set no space between a word and a number.</summary>
    private const char FirstUnspaced = '\u0590';

    private static readonly SearchValues<char> s_letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public string Name => "IBAN";

    public IEnumerable<Found> Find(string text)
    {
        if (!Quick.HasDigits(text, 8))
        {
            return [];
        }

        var found = WithCountry(text).ToList();
        if (!text.Contains("شبا", StringComparison.Ordinal))
        {
            return found;
        }

        found.AddRange(
            Sheba()
                .Matches(text)
                .Select(m => m.Groups["number"])
                .Where(g => CheckDigits.Mod97(Iran + string.Concat(g.Value.Where(char.IsAsciiDigit))))
                .Select(g => new Found(g.Index, g.Index + g.Length))
                .Where(f => !found.Exists(o => o.Start < f.End && f.Start < o.End))
                .ToList()
        );
        return found.OrderBy(f => f.Start);
    }

    private static IEnumerable<Found> WithCountry(string text)
    {
        for (var i = 0; (i = Next(text, i)) >= 0; )
        {
            if (End(text, i) is { } end)
            {
                yield return new Found(i, end);
                i = end;
            }
            else
            {
                i++;
            }
        }
    }

    /// <returns>Where the next account number may begin; −1 at the end.</returns>
    private static int Next(string text, int from)
    {
        while (from + 4 <= text.Length)
        {
            var at = text.AsSpan(from).IndexOfAny(s_letters);
            if (at < 0)
            {
                return -1;
            }

            from += at;
            if (from + 4 <= text.Length && Begins(text, from))
            {
                return from;
            }

            from++;
        }

        return -1;
    }

    /// <summary>
    /// Two letters of one case, which may stand right behind a letter of a script that sets no space there, and check digits, perhaps after
    /// a space.
    /// </summary>
    private static bool Begins(string text, int at) =>
        char.IsAsciiLetter(text[at + 1])
        && char.IsAsciiLetterUpper(text[at]) == char.IsAsciiLetterUpper(text[at + 1])
        && (char.IsAsciiDigit(text[at + 2]) || IsSign(text[at + 2]))
        && char.IsAsciiDigit(text[at + 3])
        && (at == 0 || !char.IsLetterOrDigit(text[at - 1]) || text[at - 1] >= FirstUnspaced);

    private static int? End(string text, int start)
    {
        if (!s_lengths.TryGetValue(text.Substring(start, 2).ToUpperInvariant(), out var length))
        {
            return null;
        }

        var isUpper = char.IsAsciiLetterUpper(text[start]);
        var iban = new StringBuilder(length);
        var i = start;
        for (; i < text.Length && iban.Length < length; i++)
        {
            if (char.IsAsciiDigit(text[i]) || (isUpper ? char.IsAsciiLetterUpper(text[i]) : char.IsAsciiLetterLower(text[i])))
            {
                iban.Append(char.ToUpperInvariant(text[i]));
            }
            else if (!IsSign(text[i]) || IsSign(text[i - 1]))
            {
                return null;
            }
        }

        var isWhole =
            iban.Length == length
            && (i == text.Length || !char.IsLetterOrDigit(text[i]) || (char.IsLetter(text[i]) && text[i] >= FirstUnspaced));
        return isWhole && CheckDigits.Mod97(iban.ToString()) ? i : null;
    }

    private static bool IsSign(char c) => c is ' ' or '-' or (>= '\u2010' and <= '\u2015');

    [GeneratedRegex(
        @"شبا[^0-9]{0,30}(?<number>[0-9]{2}(?:[ -]?[0-9]){22})(?![0-9])",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Sheba();
}
