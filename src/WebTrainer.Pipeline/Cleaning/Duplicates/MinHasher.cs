using System.Numerics;
using System.Runtime.Intrinsics;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>
/// Signatures whose equal places estimate the Jaccard similarity of two sets (Broder 1997), equal bit for bit to datasketch's.
/// </summary>
/// <remarks>
/// A value h of the set becomes ((a·h + b) mod 2^64 mod (2^61 − 1)) mod 2^32 under each permutation, and the least of all values is the
/// signature's place. The product wraps at 2^64 before the remainder is taken, as it does in datasketch: exact arithmetic gives others.
/// </remarks>
internal sealed class MinHasher
{
    private const ulong MersennePrime = (1UL << 61) - 1;
    private readonly ulong[] _a;
    private readonly ulong[] _b;

    /// <param name="seed">The permutations are those of datasketch under the same seed.</param>
    public MinHasher(int permutations, uint seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(permutations);
        var random = new MersenneTwister(seed);
        _a = new ulong[permutations];
        _b = new ulong[permutations];
        for (var i = 0; i < permutations; i++)
        {
            _a[i] = 1 + random.Next(MersennePrime - 2);
            _b[i] = random.Next(MersennePrime - 1);
        }
    }

    /// <summary>Hashers with permutations of another's.</summary>
    public MinHasher(IReadOnlyList<ulong> a, IReadOnlyList<ulong> b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Count != b.Count)
        {
            throw new ArgumentException("There are as many b as a.", nameof(b));
        }

        _a = [.. a];
        _b = [.. b];
    }

    /// <summary>Places of a signature.</summary>
    public int Permutations => _a.Length;

    /// <param name="hashes">First four bytes of the SHA-1 of each member, little endian.</param>
    /// <returns>A place for each permutation; all <see cref="uint.MaxValue"/> for the empty set.</returns>
    public uint[] Signature(ReadOnlySpan<uint> hashes)
    {
        var signature = new uint[_a.Length];
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i + Vector512<ulong>.Count <= _a.Length; i += Vector512<ulong>.Count)
            {
                Place512(hashes, i, signature);
            }
        }

        if (Vector256.IsHardwareAccelerated)
        {
            for (; i + Vector256<ulong>.Count <= _a.Length; i += Vector256<ulong>.Count)
            {
                Place256(hashes, i, signature);
            }
        }

        for (; i < _a.Length; i++)
        {
            signature[i] = Place(hashes, i);
        }

        return signature;
    }

    /// <summary>
    /// Share of equal places: an estimate of the sets' Jaccard similarity, with a standard error of at most 1/(2√permutations).
    /// </summary>
    public static double Similarity(ReadOnlySpan<uint> one, ReadOnlySpan<uint> other)
    {
        var equal = 0;
        var i = 0;
        for (; i + Vector<uint>.Count <= one.Length; i += Vector<uint>.Count)
        {
            equal -= Vector.Sum(Vector.As<uint, int>(Vector.Equals(new Vector<uint>(one[i..]), new Vector<uint>(other[i..]))));
        }

        for (; i < one.Length; i++)
        {
            if (one[i] == other[i])
            {
                equal++;
            }
        }

        return (double)equal / one.Length;
    }

    private uint Place(ReadOnlySpan<uint> hashes, int permutation)
    {
        var least = uint.MaxValue;
        foreach (var h in hashes)
        {
            least = Math.Min(least, (uint)(unchecked((_a[permutation] * h) + _b[permutation]) % MersennePrime));
        }

        return least;
    }

    // The remainder by 2^61 − 1 is a sum of the high and the low part. Where that reaches the prime, taking the prime away adds one to
    // the low 32 bits, which are all that is kept; the comparison's mask is −1 just there. High halves are dropped at the end.
    private void Place512(ReadOnlySpan<uint> hashes, int i, uint[] signature)
    {
        var a = Vector512.Create<ulong>(_a.AsSpan(i));
        var b = Vector512.Create<ulong>(_b.AsSpan(i));
        var prime = Vector512.Create(MersennePrime);
        var least = Vector512<uint>.AllBitsSet;
        foreach (var h in hashes)
        {
            var x = (a * Vector512.Create((ulong)h)) + b;
            var y = (x & prime) + (x >>> 61);
            least = Vector512.Min(least, (y - Vector512.GreaterThanOrEqual(y, prime)).AsUInt32());
        }

        Vector512
            .Narrow(least.AsUInt64() & Vector512.Create((ulong)uint.MaxValue), Vector512<ulong>.Zero)
            .GetLower()
            .CopyTo(signature.AsSpan(i));
    }

    private void Place256(ReadOnlySpan<uint> hashes, int i, uint[] signature)
    {
        var a = Vector256.Create<ulong>(_a.AsSpan(i));
        var b = Vector256.Create<ulong>(_b.AsSpan(i));
        var prime = Vector256.Create(MersennePrime);
        var least = Vector256<uint>.AllBitsSet;
        foreach (var h in hashes)
        {
            var x = (a * Vector256.Create((ulong)h)) + b;
            var y = (x & prime) + (x >>> 61);
            least = Vector256.Min(least, (y - Vector256.GreaterThanOrEqual(y, prime)).AsUInt32());
        }

        Vector256
            .Narrow(least.AsUInt64() & Vector256.Create((ulong)uint.MaxValue), Vector256<ulong>.Zero)
            .GetLower()
            .CopyTo(signature.AsSpan(i));
    }
}
