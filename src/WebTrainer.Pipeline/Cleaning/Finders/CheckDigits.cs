using System.Numerics;
using System.Security.Cryptography;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>The sums by which numbers that matter prove that they are no chance.</summary>
internal static class CheckDigits
{
    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const string Bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static readonly uint[] s_bech32Generator = [0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3];

    /// <summary>ISO/IEC 7812, annex B: cards.</summary>
    public static bool Luhn(string number)
    {
        var (sum, twice) = (0, false);
        for (var i = number.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(number[i]))
            {
                continue;
            }

            var digit = number[i] - '0';
            if (twice && (digit *= 2) > 9)
            {
                digit -= 9;
            }

            sum += digit;
            twice = !twice;
        }

        return sum % 10 == 0;
    }

    /// <summary>ISO 7064, MOD 97-10: account numbers. Letters count as 10 to 35, the first four characters last.</summary>
    public static bool Mod97(string iban)
    {
        var rest = 0;
        foreach (var c in iban[4..] + iban[..4])
        {
            var value = char.IsAsciiDigit(c) ? c - '0' : char.ToUpperInvariant(c) - 'A' + 10;
            rest = ((rest * (value > 9 ? 100 : 10)) + value) % 97;
        }

        return rest == 1;
    }

    /// <summary>
    /// National number of Iran: ten digits, the last of which checks the others. One digit ten times, all ten in a row and a person
    /// numbered 0 were never given.
    /// </summary>
    /// <param name="number">May have dashes.</param>
    public static bool IranianNationalNumber(string number)
    {
        var digits = string.Concat(number.Where(char.IsAsciiDigit));
        if (digits.Distinct().Count() == 1 || digits is "0123456789" or "9876543210" || digits[3..9] == "000000")
        {
            return false;
        }

        var sum = Enumerable.Range(0, 9).Sum(i => (digits[i] - '0') * (10 - i)) % 11;
        return digits[9] - '0' == (sum < 2 ? sum : 11 - sum);
    }

    /// <summary>
    /// Number of a legal entity of Iran: eleven digits; the sum of the first ten, each with the tenth and 2 more added and weighted by 29,
    /// 27, 23, 19 and 17 in turn, modulo 11 is the last one, 10 counting as 0.
    /// </summary>
    /// <param name="number">Eleven digits.</param>
    public static bool IranianLegalNumber(string number)
    {
        int[] weights = [29, 27, 23, 19, 17];
        if (number.Distinct().Count() == 1 || number[3..9] == "000000")
        {
            return false;
        }

        var added = number[9] - '0' + 2;
        var sum = Enumerable.Range(0, 10).Sum(i => (number[i] - '0' + added) * weights[i % 5]) % 11;
        return number[10] - '0' == sum % 10;
    }

    /// <summary>Addresses of Bitcoin, old form: the last four bytes are the double SHA-256 of the others.</summary>
    public static bool Base58Check(string address)
    {
        var value = BigInteger.Zero;
        foreach (var c in address)
        {
            var digit = Base58.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            value = (value * 58) + digit;
        }

        var number = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        if (number.Length > 25)
        {
            return false;
        }

        var bytes = new byte[25];
        number.CopyTo(bytes, 25 - number.Length);
        return SHA256.HashData(SHA256.HashData(bytes.AsSpan(0, 21))).AsSpan(0, 4).SequenceEqual(bytes.AsSpan(21));
    }

    /// <summary>Addresses of Bitcoin, new form: BIP-173 and BIP-350.</summary>
    public static bool SegWit(string address)
    {
        uint sum = 1;
        foreach (var c in "bc")
        {
            sum = Step(sum) ^ (uint)(c >> 5);
        }

        sum = Step(sum);
        foreach (var c in "bc")
        {
            sum = Step(sum) ^ (uint)(c & 31);
        }

        foreach (var c in address[3..].ToLowerInvariant())
        {
            var value = Bech32.IndexOf(c, StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            sum = Step(sum) ^ (uint)value;
        }

        return sum is 1 or 0x2BC830A3;

        static uint Step(uint sum)
        {
            var top = sum >> 25;
            sum = (sum & 0x1FFFFFF) << 5;
            for (var i = 0; i < s_bech32Generator.Length; i++)
            {
                if (((top >> i) & 1) == 1)
                {
                    sum ^= s_bech32Generator[i];
                }
            }

            return sum;
        }
    }
}
