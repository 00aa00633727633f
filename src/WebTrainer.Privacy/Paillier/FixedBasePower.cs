using System.Numerics;
using System.Security.Cryptography;

namespace WebTrainer.Privacy.Paillier;

/// <summary>
/// Powers of one base by a table: base^(e₀ + e₁·2⁸ + …) = Π table[i, eᵢ], a multiplication for each byte of the exponent and no squaring
/// (Brickell, Gordon, McCurley and Wilson, "Fast exponentiation with precomputation", 1992).
/// </summary>
internal sealed class FixedBasePower
{
    /// <summary>Bits of an exponent beyond those of the group's order.</summary>
    public const int StatisticalBits = 64;

    private const int Digits = 256;
    private readonly BigInteger _modulus;
    private readonly BigInteger[][] _table;

    /// <param name="exponentBits">Of the largest exponent, rounded up to whole bytes.</param>
    public FixedBasePower(BigInteger value, BigInteger modulus, int exponentBits)
    {
        _modulus = modulus;
        _table = new BigInteger[(exponentBits + 7) / 8][];
        for (var i = 0; i < _table.Length; i++)
        {
            var row = _table[i] = new BigInteger[Digits];
            row[0] = BigInteger.One;
            for (var digit = 1; digit < Digits; digit++)
            {
                row[digit] = row[digit - 1] * value % modulus;
            }

            value = row[^1] * value % modulus;
        }
    }

    /// <returns>The power by an exponent that nobody knows.</returns>
    public BigInteger Random()
    {
        var exponent = RandomNumberGenerator.GetBytes(_table.Length);
        var power = Of(exponent);
        CryptographicOperations.ZeroMemory(exponent);
        return power;
    }

    /// <param name="exponent">Bytes, the lowest first, at most as many as the table has.</param>
    internal BigInteger Of(ReadOnlySpan<byte> exponent)
    {
        var power = BigInteger.One;
        for (var i = 0; i < exponent.Length; i++)
        {
            if (exponent[i] != 0)
            {
                power = power * _table[i][exponent[i]] % _modulus;
            }
        }

        return power;
    }
}
