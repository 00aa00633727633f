using System.Numerics;

namespace WebTrainer.Privacy.Paillier;

/// <summary>
/// Vectors of real numbers, many in a ciphertext: each has a slot of its own that is wide enough for the sum, so that one multiplication
/// adds them all. Sums are off by at most <see cref="FixedPoint.ErrorOf"/> of the number of vectors.
/// </summary>
public sealed class PackedVectors
{
    private const int GuardBits = 1; // n itself is no power of two
    private readonly PaillierPublicKey _key;
    private readonly FixedPoint _format;
    private readonly int _most;
    private readonly int _slotBits;

    /// <param name="key">Of whom decrypts the sum.</param>
    /// <param name="format">Range and precision of a value.</param>
    /// <param name="mostVectors">How many are added at most, 1 or more.</param>
    /// <exception cref="PrivacyProblemException">A slot would be wider than the key.</exception>
    public PackedVectors(PaillierPublicKey key, FixedPoint format, int mostVectors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostVectors, 1);
        (_key, _format, _most) = (key, format.Checked(), mostVectors);
        _slotBits = (int)(new BigInteger(format.LargestUnits) * 2 * mostVectors).GetBitLength();
        SlotsOfCipher = ((int)key.N.GetBitLength() - GuardBits) / _slotBits;
        if (SlotsOfCipher == 0 || _slotBits > 62)
        {
            throw new PrivacyProblemException(
                $"A value takes {_slotBits} bits in a ciphertext; at most 62 are there. Take fewer bits after the point."
            );
        }
    }

    /// <summary>Values in one ciphertext.</summary>
    public int SlotsOfCipher { get; }

    /// <returns>⌈values / <see cref="SlotsOfCipher"/>⌉ ciphertexts.</returns>
    /// <exception cref="PrivacyProblemException">A value is too large.</exception>
    public BigInteger[] Encrypt(IReadOnlyList<double> values)
    {
        var ciphers = new BigInteger[(values.Count + SlotsOfCipher - 1) / SlotsOfCipher];
        Parallel.For(0, ciphers.Length, i => ciphers[i] = _key.Encrypt(Pack(values, i * SlotsOfCipher)));
        return ciphers;
    }

    /// <summary>Adds encrypted vectors of one length.</summary>
    /// <exception cref="PrivacyProblemException">There are more than was planned, or their lengths differ.</exception>
    public BigInteger[] Add(IReadOnlyList<BigInteger[]> vectors)
    {
        if (vectors.Count == 0 || vectors.Count > _most || vectors.Any(vector => vector.Length != vectors[0].Length))
        {
            throw new PrivacyProblemException($"{vectors.Count} vectors can't be added: there must be 1 to {_most}, all of one length.");
        }

        var sum = new BigInteger[vectors[0].Length];
        Parallel.For(0, sum.Length, i => sum[i] = vectors.Skip(1).Aggregate(vectors[0][i], (first, vector) => _key.Add(first, vector[i])));
        return sum;
    }

    /// <param name="key">The private key.</param>
    /// <param name="sum">By <see cref="Add"/>.</param>
    /// <param name="vectors">How many were added.</param>
    /// <param name="values">How many values a vector has.</param>
    /// <returns>The sums.</returns>
    /// <exception cref="PrivacyProblemException">What is decrypted is no sum of so many vectors.</exception>
    public double[] Decrypt(PaillierPrivateKey key, IReadOnlyList<BigInteger> sum, int vectors, int values)
    {
        if (sum.Count != (values + SlotsOfCipher - 1) / SlotsOfCipher || vectors < 1 || vectors > _most)
        {
            throw new PrivacyProblemException(
                $"{sum.Count} ciphertexts of {vectors} vectors are not the sum of vectors of {values} values."
            );
        }

        var sums = new double[values];
        Parallel.For(0, sum.Count, i => Unpack(key.Decrypt(sum[i]), vectors, sums.AsSpan(i * SlotsOfCipher)));
        return sums;
    }

    // Slots hold no signs: each value is written from the least one on, of which the sum has as many as there are vectors.
    private BigInteger Pack(IReadOnlyList<double> values, int from)
    {
        var packed = BigInteger.Zero;
        for (var i = Math.Min(values.Count, from + SlotsOfCipher) - 1; i >= from; i--)
        {
            packed = (packed << _slotBits) + (_format.ToUnits(values[i], i) + _format.LargestUnits);
        }

        return packed;
    }

    private void Unpack(BigInteger packed, int vectors, Span<double> sums)
    {
        var mask = (BigInteger.One << _slotBits) - 1;
        var count = Math.Min(SlotsOfCipher, sums.Length);
        for (var i = 0; i < count; i++, packed >>= _slotBits)
        {
            sums[i] = _format.ToReal((long)(packed & mask) - vectors * _format.LargestUnits);
        }
    }
}
