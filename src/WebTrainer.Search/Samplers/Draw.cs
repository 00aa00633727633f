using WebTrainer.Statistics;

namespace WebTrainer.Search.Samplers;

/// <summary>Random numbers that are the same on every machine and in every version: xoshiro256** (Blackman and Vigna, 2018).</summary>
public sealed class Draw
{
    private ulong _a,
        _b,
        _c,
        _d;
    private double? _spareNormal;

    /// <summary>The stream of a search's seed for one of its trials.</summary>
    public Draw(long seed, int stream)
    {
        // As its authors advise for seeding.
        var bits = new SplitMix(unchecked((ulong)seed + 0x9E3779B97F4A7C15UL * ((ulong)stream + 1)));
        (_a, _b, _c, _d) = (bits.Next(), bits.Next(), bits.Next(), bits.Next());
    }

    /// <summary>From 0 up to, not with, 1.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number from 0 up to, not with, the count. Its bias is below count/2⁵³.</summary>
    /// <param name="count">1 or more.</param>
    public int Below(int count) => (int)(Uniform() * count);

    /// <summary>
    /// Of mean 0 and deviation 1, by Box and Muller (1958): two at a time, of which the second is kept for the next call.
    /// </summary>
    public double Normal()
    {
        if (_spareNormal is { } spare)
        {
            _spareNormal = null;
            return spare;
        }

        var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - Uniform())), 2 * Math.PI * Uniform());
        _spareNormal = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    private ulong Next()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        (_c, _d) = (_c ^ _a, _d ^ _b);
        (_b, _a) = (_b ^ _c, _a ^ _d);
        (_c, _d) = (_c ^ t, ulong.RotateLeft(_d, 45));
        return result;
    }
}
