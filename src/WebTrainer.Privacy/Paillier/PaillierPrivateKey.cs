using System.Numerics;
using System.Security.Cryptography;

namespace WebTrainer.Privacy.Paillier;

/// <summary>Decrypts modulo p² and q² and joins both (Paillier 1999, section 7), some four times faster than modulo n².</summary>
public sealed class PaillierPrivateKey
{
    private readonly BigInteger _p,
        _q,
        _pSquared,
        _qSquared,
        _ofP,
        _ofQ,
        _pInverse;

    /// <param name="p">A prime.</param>
    /// <param name="q">Another one.</param>
    /// <exception cref="PrivacyProblemException">They make a key that is too short, or no key.</exception>
    public PaillierPrivateKey(BigInteger p, BigInteger q)
        : this(p, q, maskBase: null, PaillierPublicKey.LeastBits) { }

    internal PaillierPrivateKey(BigInteger p, BigInteger q, BigInteger? maskBase, int leastBits)
    {
        PublicKey = new(p * q, maskBase, leastBits);
        if (p == q || !BigInteger.GreatestCommonDivisor(PublicKey.N, (p - 1) * (q - 1)).IsOne)
        {
            throw new PrivacyProblemException("The two numbers are no primes of a Paillier key.");
        }

        (_p, _q, _pSquared, _qSquared) = (p, q, p * p, q * q);
        _ofP = Inverse(Quotient(BigInteger.ModPow(PublicKey.N + 1, p - 1, _pSquared), p), p);
        _ofQ = Inverse(Quotient(BigInteger.ModPow(PublicKey.N + 1, q - 1, _qSquared), q), q);
        _pInverse = Inverse(p, q);
    }

    /// <summary>What others encrypt by.</summary>
    public PaillierPublicKey PublicKey { get; }

    /// <summary>A new key, with a base of masks; primes are those that .NET makes for RSA.</summary>
    /// <param name="bits">Of n, 2048 or more, a multiple of 64.</param>
    /// <exception cref="PrivacyProblemException">The key would be too short.</exception>
    public static PaillierPrivateKey Generate(int bits = PaillierPublicKey.LeastBits)
    {
        if (bits < PaillierPublicKey.LeastBits)
        {
            throw new PrivacyProblemException($"The key would have {bits} bits; it must have at least {PaillierPublicKey.LeastBits}.");
        }

        while (true)
        {
            using var rsa = RSA.Create(bits);
            var made = rsa.ExportParameters(includePrivateParameters: true);
            var (p, q) = (new BigInteger(made.P, true, true), new BigInteger(made.Q, true, true));
            // Primes of 3 mod 4 whose orders share nothing but 2: then the squares modulo n are one cycle, but for few of its elements
            // from each of which it can be walked through.
            if ((p & 3) == 3 && (q & 3) == 3 && BigInteger.GreatestCommonDivisor(p - 1, q - 1) == 2)
            {
                return new(p, q, NewMaskBase(p * q), PaillierPublicKey.LeastBits);
            }
        }
    }

    /// <returns>The number, 0 or more, below n. Safe for threads.</returns>
    /// <exception cref="PrivacyProblemException">It is no ciphertext of this key.</exception>
    public BigInteger Decrypt(BigInteger cipher)
    {
        if (cipher.Sign <= 0 || cipher >= PublicKey.NSquared)
        {
            throw new PrivacyProblemException("What is to be decrypted is no ciphertext of this key.");
        }

        var ofP = Quotient(BigInteger.ModPow(cipher % _pSquared, _p - 1, _pSquared), _p) * _ofP % _p;
        var ofQ = Quotient(BigInteger.ModPow(cipher % _qSquared, _q - 1, _qSquared), _q) * _ofQ % _q;
        var step = (ofQ - ofP) * _pInverse % _q;
        return ofP + (step.Sign < 0 ? step + _q : step) * _p;
    }

    // Damgård, Jurik and Nielsen, "A generalization of Paillier's public-key system with applications to electronic voting", 2010,
    // section 4.3: h = −y² for a random y, as n-th power.
    private static BigInteger NewMaskBase(BigInteger n)
    {
        var y = SecureNumbers.UnitBelow(n);
        return BigInteger.ModPow(n - y * y % n, n, n * n);
    }

    private static BigInteger Quotient(BigInteger value, BigInteger prime) => (value - 1) / prime;

    private static BigInteger Inverse(BigInteger value, BigInteger prime) => BigInteger.ModPow(value % prime, prime - 2, prime);
}
