using System.Numerics;

namespace WebTrainer.Privacy.Paillier;

/// <summary>
/// Encrypts numbers so that their sum can be made without decrypting them: Paillier, "Public-key cryptosystems based on composite degree
/// residuosity classes", 1999, with g = n + 1. Whoever may choose what is decrypted learns the key's numbers, and who may change a
/// ciphertext changes its number: it hides, and protects nothing else. Arithmetic is not in constant time.
/// </summary>
public sealed class PaillierPublicKey
{
    /// <summary>The shortest key that is taken, in bits of n.</summary>
    public const int LeastBits = 2048;

    private readonly FixedBasePower? _masks;

    /// <param name="n">Product of two primes.</param>
    /// <param name="maskBase">
    /// An n-th residue modulo n² whose powers hide as well as r ⁿ does, by which encrypting is many times faster; null where the key's
    /// owner gives none.
    /// </param>
    /// <exception cref="PrivacyProblemException">The key is shorter than <see cref="LeastBits"/>.</exception>
    public PaillierPublicKey(BigInteger n, BigInteger? maskBase = null)
        : this(n, maskBase, LeastBits) { }

    internal PaillierPublicKey(BigInteger n, BigInteger? maskBase, int leastBits)
    {
        if (n.Sign <= 0 || n.GetBitLength() < leastBits)
        {
            throw new PrivacyProblemException(
                $"The key has {(n.Sign <= 0 ? 0 : n.GetBitLength())} bits; it must have at least {leastBits}."
            );
        }

        (N, NSquared, MaskBase) = (n, n * n, maskBase);
        if (maskBase is { } value)
        {
            if (value <= 1 || value >= NSquared)
            {
                throw new PrivacyProblemException("The base of the masks must lie above 1 and below n².");
            }

            // 64 bits more than the group's order has: no power is likelier than another by more than 2⁻⁶⁴.
            _masks = new(value, NSquared, (int)n.GetBitLength() + FixedBasePower.StatisticalBits);
        }
    }

    /// <summary>The modulus of numbers.</summary>
    public BigInteger N { get; }

    /// <summary>The modulus of ciphertexts.</summary>
    public BigInteger NSquared { get; }

    /// <summary>Whose powers hide numbers; null where r ⁿ does.</summary>
    public BigInteger? MaskBase { get; }

    /// <param name="number">0 or more, below n.</param>
    /// <returns>A new ciphertext each time. Safe for threads.</returns>
    /// <exception cref="PrivacyProblemException">The number is out of range.</exception>
    public BigInteger Encrypt(BigInteger number) =>
        _masks is null ? Encrypt(number, SecureNumbers.UnitBelow(N)) : Hide(number, _masks.Random());

    /// <summary>With a given r: (1 + number·n)·r ⁿ mod n². The same r twice tells the difference of two numbers.</summary>
    /// <exception cref="PrivacyProblemException">The number is out of range.</exception>
    internal BigInteger Encrypt(BigInteger number, BigInteger r) => Hide(number, BigInteger.ModPow(r, N, NSquared));

    /// <returns>Ciphertext of the sum modulo n.</returns>
    public BigInteger Add(BigInteger first, BigInteger second) => first * second % NSquared;

    /// <param name="cipher">Of a number.</param>
    /// <param name="factor">0 or more, below n.</param>
    /// <returns>Ciphertext of the product modulo n.</returns>
    public BigInteger Multiply(BigInteger cipher, BigInteger factor) => BigInteger.ModPow(cipher, InRange(factor), NSquared);

    private BigInteger Hide(BigInteger number, BigInteger mask) => (1 + InRange(number) * N) * mask % NSquared;

    private BigInteger InRange(BigInteger number) =>
        number.Sign >= 0 && number < N
            ? number
            : throw new PrivacyProblemException("A number that is encrypted must be 0 or more and smaller than the key's modulus.");
}
