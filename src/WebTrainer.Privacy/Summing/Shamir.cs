using System.Security.Cryptography;

namespace WebTrainer.Privacy.Summing;

/// <summary>
/// Splits a secret so that any <c>threshold</c> of its shares give it and fewer tell nothing: Shamir, "How to share a secret", 1979, byte
/// by byte over GF(2⁸) with x⁸ + x⁴ + x³ + x + 1. A share that was changed gives another secret: who must notice that binds shares by other
/// means.
/// </summary>
public static class Shamir
{
    /// <summary>The most shares: the elements of the field but 0.</summary>
    public const int MostShares = 255;

    private static readonly byte[] s_exp = new byte[2 * MostShares];
    private static readonly byte[] s_log = new byte[MostShares + 1];

    static Shamir()
    {
        byte power = 1;
        for (var i = 0; i < MostShares; i++)
        {
            s_exp[i] = s_exp[i + MostShares] = power;
            s_log[power] = (byte)i;
            power = (byte)(power ^ (power << 1) ^ ((power & 0x80) != 0 ? 0x1b : 0)); // times 3, which makes all of them
        }
    }

    /// <param name="secret">Of any length.</param>
    /// <param name="shares">1 to <see cref="MostShares"/>.</param>
    /// <param name="threshold">1 to the number of shares.</param>
    /// <returns>Share i is the polynomial's value at i + 1, as long as the secret.</returns>
    /// <exception cref="PrivacyProblemException">There would be too many shares, or fewer than the threshold.</exception>
    public static byte[][] Split(ReadOnlySpan<byte> secret, int shares, int threshold)
    {
        if (shares is < 1 or > MostShares || threshold < 1 || threshold > shares)
        {
            throw new PrivacyProblemException(
                $"A secret can't be split into {shares} shares of which {threshold} give it: there may be 1 to {MostShares}, and the threshold may not be above."
            );
        }

        var polynomial = RandomNumberGenerator.GetBytes(secret.Length * (threshold - 1));
        var split = new byte[shares][];
        for (var share = 0; share < shares; share++)
        {
            var values = split[share] = new byte[secret.Length];
            for (var i = 0; i < secret.Length; i++)
            {
                byte value = 0;
                for (var power = threshold - 2; power >= 0; power--)
                {
                    value = (byte)(Multiply(value, share + 1) ^ polynomial[power * secret.Length + i]);
                }

                values[i] = (byte)(Multiply(value, share + 1) ^ secret[i]);
            }
        }

        CryptographicOperations.ZeroMemory(polynomial);
        return split;
    }

    /// <param name="shares">At least as many as the threshold was, by their number from 0.</param>
    /// <returns>The secret, where there are enough; else something that looks like one.</returns>
    /// <exception cref="PrivacyProblemException">There is none, one comes twice, or their lengths differ.</exception>
    public static byte[] Join(IReadOnlyList<(int Number, byte[] Share)> shares)
    {
        if (
            shares.Count == 0
            || shares.DistinctBy(s => s.Number).Count() != shares.Count
            || shares.Any(s => s.Number is < 0 or >= MostShares || s.Share.Length != shares[0].Share.Length)
        )
        {
            throw new PrivacyProblemException("A secret is joined of shares with different numbers and one length.");
        }

        var secret = new byte[shares[0].Share.Length];
        foreach (var (number, share) in shares)
        {
            byte weight = 1; // of Lagrange's polynomial at 0
            foreach (var (other, _) in shares)
            {
                if (other != number)
                {
                    weight = Multiply(weight, Divide(other + 1, (other + 1) ^ (number + 1)));
                }
            }

            for (var i = 0; i < secret.Length; i++)
            {
                secret[i] ^= Multiply(weight, share[i]);
            }
        }

        return secret;
    }

    private static byte Multiply(int a, int b) => a == 0 || b == 0 ? (byte)0 : s_exp[s_log[a] + s_log[b]];

    private static byte Divide(int a, int b) => a == 0 ? (byte)0 : s_exp[s_log[a] + MostShares - s_log[b]];
}
