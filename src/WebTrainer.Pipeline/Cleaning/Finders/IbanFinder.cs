using System.Buffers;
using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>International bank account numbers (ISO 13616): country, its length, and check digits; groups may be set apart by spaces or dashes.</summary>
internal sealed class IbanFinder : IFinder
{
    /// <summary>Country and length, of the IBAN registry.</summary>
    private static readonly Dictionary<string, int> s_lengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 "
        + "GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
        + "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 "
        + "TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30").Split(' ').ToDictionary(e => e[..2], e => int.Parse(e[2..], System.Globalization.CultureInfo.InvariantCulture));

    private static readonly SearchValues<char> s_letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public string Name => "IBAN";

    public IEnumerable<Found> Find(string text)
    {
        if (!Quick.HasDigits(text, 8)) yield break;
        for (var i = 0; (i = Next(text, i)) >= 0;)
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
            if (at < 0) return -1;
            from += at;
            var begins = from + 4 <= text.Length && char.IsAsciiLetterUpper(text[from + 1]) && char.IsAsciiDigit(text[from + 2])
                && char.IsAsciiDigit(text[from + 3]) && (from == 0 || !char.IsLetterOrDigit(text[from - 1]));
            if (begins) return from;
            from++;
        }

        return -1;
    }

    private static int? End(string text, int start)
    {
        if (!s_lengths.TryGetValue(text.Substring(start, 2), out var length)) return null;
        var iban = new StringBuilder(length);
        var i = start;
        for (; i < text.Length && iban.Length < length; i++)
        {
            if (char.IsAsciiDigit(text[i]) || char.IsAsciiLetterUpper(text[i])) iban.Append(text[i]);
            else if (text[i] is not (' ' or '-') || text[i - 1] is ' ' or '-') return null;
        }

        var isWhole = iban.Length == length && (i == text.Length || !char.IsLetterOrDigit(text[i]));
        return isWhole && CheckDigits.Mod97(iban.ToString()) ? i : null;
    }
}
