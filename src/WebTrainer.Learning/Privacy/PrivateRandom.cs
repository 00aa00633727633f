using System.Buffers.Binary;
using System.Security.Cryptography;
using WebTrainer.Statistics;

namespace WebTrainer.Learning.Privacy;

/// <summary>
/// Random numbers of a private training. Each stream is a function of the step and its number, so that a run that goes on from a checkpoint
/// draws again what it drew before, and tells nothing more of its rows than an unbroken one.
/// </summary>
public abstract class PrivateRandom
{
    /// <summary>Length of a secret key.</summary>
    public const int KeyBytes = 32;

    /// <summary>By SplitMix64: whoever knows the seed knows the noise.</summary>
    public static PrivateRandom OfSeed(long seed) => new Seeded(seed);

    /// <summary>By AES-256 in counter mode (SP 800-38A): nobody knows the noise who doesn't have the key.</summary>
    /// <param name="key"><see cref="KeyBytes"/> bytes.</param>
    public static PrivateRandom OfKey(byte[] key) => new Keyed(key);

    /// <summary>One of a step's streams.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="number">From 0; streams of different numbers have nothing in common.</param>
    internal abstract RandomStream Open(int step, int number);

    /// <summary>
    /// Fills with numbers of N(0, deviation²), by Box and Muller (1958) from 53 random bits each. Under a key each is half the sum of four,
    /// against guessing values from the gaps of floating-point numbers (Mironov 2012; Holohan and Braghin, arXiv:2107.10138).
    /// </summary>
    internal void FillNormal(Span<float> values, double deviation, int step, int number)
    {
        using var stream = Open(step, number);
        var together = this is Keyed ? 4 : 1;
        var scale = deviation / Math.Sqrt(together);
        for (var i = 0; i < values.Length; i += 2)
        {
            var (first, second) = (0.0, 0.0);
            for (var part = 0; part < together; part++)
            {
                var radius = Math.Sqrt(-2 * Math.Log(1 - stream.Share())); // of 1 less a share, which is never 0
                var (sin, cos) = Math.SinCos(2 * Math.PI * stream.Share());
                (first, second) = (first + (radius * cos), second + (radius * sin));
            }

            values[i] = (float)(scale * first);
            if (i + 1 < values.Length)
            {
                values[i + 1] = (float)(scale * second);
            }
        }
    }

    private sealed class Seeded(long seed) : PrivateRandom
    {
        private const long OfPrivacy = 0x5DEECE66D1CE4E5B; // so that nothing else that is drawn by the seed equals it

        internal override RandomStream Open(int step, int number) =>
            new SeededStream(SplitMix.Of(unchecked((long)SplitMix.Of(seed ^ OfPrivacy, step).Next()), number));
    }

    private sealed class Keyed(byte[] key) : PrivateRandom
    {
        internal override RandomStream Open(int step, int number) => new KeyedStream(key, step, number);
    }

    private sealed class SeededStream(SplitMix random) : RandomStream
    {
        private SplitMix _random = random;

        public override ulong Next() => _random.Next();

        public override void Dispose()
        {
            // There is nothing to free.
        }
    }

    private sealed class KeyedStream : RandomStream
    {
        private const int BlockBytes = 16,
            Blocks = 256;
        private readonly Aes _aes;
        private readonly byte[] _counters = new byte[Blocks * BlockBytes],
            _bytes = new byte[Blocks * BlockBytes];
        private readonly int _step,
            _number;
        private ulong _blocks;
        private int _at = Blocks * BlockBytes;

        public KeyedStream(byte[] key, int step, int number)
        {
            (_aes, _step, _number) = (Aes.Create(), step, number);
            _aes.Key = key;
        }

        public override ulong Next()
        {
            if (_at == _bytes.Length)
            {
                Refill();
            }

            var value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(_at));
            _at += sizeof(ulong);
            return value;
        }

        public override void Dispose() => _aes.Dispose();

        private void Refill()
        {
            for (var block = 0; block < Blocks; block++)
            {
                var counter = _counters.AsSpan(block * BlockBytes);
                BinaryPrimitives.WriteInt32BigEndian(counter, _step);
                BinaryPrimitives.WriteInt32BigEndian(counter[4..], _number);
                BinaryPrimitives.WriteUInt64BigEndian(counter[8..], _blocks++);
            }

            // Single blocks that never repeat: counter mode.
            _aes.EncryptEcb(_counters, _bytes, PaddingMode.None);
            _at = 0;
        }
    }
}

/// <summary>Random bits, one after the other.</summary>
internal abstract class RandomStream : IDisposable
{
    /// <summary>64 random bits.</summary>
    public abstract ulong Next();

    public abstract void Dispose();

    /// <summary>0 to 1, 1 excluded.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));
}
