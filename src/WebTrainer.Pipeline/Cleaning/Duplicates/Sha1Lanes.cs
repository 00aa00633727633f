using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>SHA-1 of many short messages at once, one in each lane of a vector. It tells equal texts, it protects nothing.</summary>
/// <remarks>A message of up to 55 bytes is a single block; longer ones, which are rare, go through the framework.</remarks>
internal static class Sha1Lanes
{
    private const int BlockBytes = 64;
    private const int MostBytes = 55;
    private const int Lanes = 8;

    /// <returns>The first four bytes of each hash, little endian.</returns>
    public static uint[] FirstWords(ReadOnlySpan<byte> bytes, ReadOnlySpan<(int Start, int Length)> messages)
    {
        var words = new uint[messages.Length];
        Span<byte> blocks = stackalloc byte[BlockBytes * Lanes];
        Span<int> places = stackalloc int[Lanes];
        var filled = 0;
        for (var i = 0; i < messages.Length; i++)
        {
            var message = bytes.Slice(messages[i].Start, messages[i].Length);
            if (message.Length > MostBytes)
            {
                words[i] = Long(message);
                continue;
            }

            Pad(message, blocks.Slice(filled * BlockBytes, BlockBytes));
            places[filled++] = i;
            if (filled == Lanes)
            {
                filled = Flush(blocks, places, words, Lanes);
            }
        }

        if (filled > 0)
        {
            Flush(blocks, places, words, filled);
        }

        return words;
    }

    private static int Flush(ReadOnlySpan<byte> blocks, ReadOnlySpan<int> places, uint[] words, int filled)
    {
        Span<uint> hashes = stackalloc uint[Lanes];
        Hash(blocks).CopyTo(hashes);
        for (var lane = 0; lane < filled; lane++)
        {
            words[places[lane]] = BinaryPrimitives.ReverseEndianness(hashes[lane]);
        }

        return 0;
    }

    private static void Pad(ReadOnlySpan<byte> message, Span<byte> block)
    {
        block.Clear();
        message.CopyTo(block);
        block[message.Length] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(block[^8..], (ulong)message.Length * 8);
    }

    /// <returns>The first word of each lane's state after the block (FIPS 180-4, 6.1.2).</returns>
    private static Vector256<uint> Hash(ReadOnlySpan<byte> blocks)
    {
        Span<Vector256<uint>> w = stackalloc Vector256<uint>[16];
        for (var t = 0; t < 16; t++)
        {
            w[t] = Word(blocks, t * 4);
        }

        var a = Vector256.Create(0x67452301u);
        var b = Vector256.Create(0xEFCDAB89u);
        var c = Vector256.Create(0x98BADCFEu);
        var d = Vector256.Create(0x10325476u);
        var e = Vector256.Create(0xC3D2E1F0u);
        for (var t = 0; t < 80; t++)
        {
            if (t >= 16)
            {
                w[t & 15] = Rotate(w[(t + 13) & 15] ^ w[(t + 8) & 15] ^ w[(t + 2) & 15] ^ w[t & 15], 1);
            }

            var (f, k) = t switch
            {
                < 20 => (d ^ (b & (c ^ d)), 0x5A827999u),
                < 40 => (b ^ c ^ d, 0x6ED9EBA1u),
                < 60 => ((b & c) | (d & (b | c)), 0x8F1BBCDCu),
                _ => (b ^ c ^ d, 0xCA62C1D6u),
            };
            var next = Rotate(a, 5) + f + e + Vector256.Create(k) + w[t & 15];
            (e, d, c, b, a) = (d, c, Rotate(b, 30), a, next);
        }

        return a + Vector256.Create(0x67452301u);
    }

    private static Vector256<uint> Word(ReadOnlySpan<byte> blocks, int at) =>
        Vector256.Create(
            Lane(blocks, 0, at),
            Lane(blocks, 1, at),
            Lane(blocks, 2, at),
            Lane(blocks, 3, at),
            Lane(blocks, 4, at),
            Lane(blocks, 5, at),
            Lane(blocks, 6, at),
            Lane(blocks, 7, at)
        );

    private static uint Lane(ReadOnlySpan<byte> blocks, int lane, int at) =>
        BinaryPrimitives.ReadUInt32BigEndian(blocks[((lane * BlockBytes) + at)..]);

    private static Vector256<uint> Rotate(Vector256<uint> value, int bits) => (value << bits) | (value >>> (32 - bits));

#pragma warning disable CA5350 // The hash is the reference's choice and guards nothing.
    private static uint Long(ReadOnlySpan<byte> message)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(message, hash);
        return BinaryPrimitives.ReadUInt32LittleEndian(hash);
    }
#pragma warning restore CA5350
}
