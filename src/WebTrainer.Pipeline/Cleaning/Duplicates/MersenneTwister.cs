namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>The generator MT19937 (Matsumoto and Nishimura 1998), seeded and drawn from as <c>numpy.random.RandomState</c> does.</summary>
internal sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Middle = 397;
    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (uint i = 1; i < Size; i++)
        {
            _state[i] = (1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30))) + i;
        }
    }

    /// <summary>A number from 0 to <paramref name="max"/>, both included; numbers beyond it are drawn again.</summary>
    public ulong Next(ulong max)
    {
        var mask = ulong.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(max);
        while (true)
        {
            var high = (ulong)Draw() << 32;
            var value = (high | Draw()) & mask;
            if (value <= max)
            {
                return value;
            }
        }
    }

    private uint Draw()
    {
        if (_next == Size)
        {
            Refill();
        }

        var y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    private void Refill()
    {
        for (var i = 0; i < Size; i++)
        {
            var y = (_state[i] & 0x80000000u) | (_state[(i + 1) % Size] & 0x7FFFFFFFu);
            _state[i] = _state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DFu);
        }

        _next = 0;
    }
}
