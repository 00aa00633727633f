using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace WebTrainer.Privacy.Summing;

/// <summary>Random numbers of a seed: AES-256 in counter mode (SP 800-38A) from 0 on. A seed is used for one vector alone.</summary>
internal static class MaskStream
{
    public const int SeedBytes = 32;
    private const int BlockBytes = 16,
        ChunkBytes = 1 << 15;

    /// <summary>Adds the numbers to a vector, or takes them away, modulo 2⁶⁴.</summary>
    public static void Apply(byte[] seed, Span<ulong> vector, bool isAdded)
    {
        using var aes = Aes.Create();
        aes.Key = seed;
        var (counters, numbers) = (new byte[ChunkBytes], new byte[ChunkBytes]);
        for (var (from, block) = (0, 0L); from < vector.Length; from += ChunkBytes / sizeof(ulong))
        {
            for (var i = 0; i < ChunkBytes; i += BlockBytes)
            {
                BinaryPrimitives.WriteInt64LittleEndian(counters.AsSpan(i), block++);
            }

            aes.EncryptEcb(counters, numbers, PaddingMode.None);
            var part = vector.Slice(from, Math.Min(ChunkBytes / sizeof(ulong), vector.Length - from));
            RingVector.Combine(part, MemoryMarshal.Cast<byte, ulong>(numbers)[..part.Length], isAdded);
        }
    }
}
