using System.Numerics;
using System.Security.Cryptography;

namespace WebTrainer.Privacy.Paillier;

/// <summary>Numbers that nobody can guess.</summary>
internal static class SecureNumbers
{
    private const int SlackBytes = 16; // the remainder is then as good as even: 2⁻¹²⁸

    /// <returns>From 1 on, below n, without a common divisor with it.</returns>
    public static BigInteger UnitBelow(BigInteger n)
    {
        while (true)
        {
            var value = new BigInteger(RandomNumberGenerator.GetBytes(n.GetByteCount(isUnsigned: true) + SlackBytes), isUnsigned: true) % n;
            if (BigInteger.GreatestCommonDivisor(value, n).IsOne)
            {
                return value;
            }
        }
    }
}
