using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Pipeline.Splits;

/// <summary>Tells equal rows: those whose prompts differ at most in case, spaces and the way letters are composed.</summary>
internal static class PromptKey
{
    /// <returns>The first 128 bits of a SHA-256: even a billion prompts don't collide.</returns>
    public static UInt128 Of(string prompt)
    {
        var words = prompt.Normalize(NormalizationForm.FormKC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return OfText(string.Join(' ', words).ToLowerInvariant());
    }

    /// <returns>The key of a text as it stands.</returns>
    public static UInt128 OfText(string text) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>A key's place in a shuffle that depends on the seed and on nothing else, not even on the other rows.</summary>
    public static UInt128 Shuffle(UInt128 key, long seed)
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], seed);
        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(bytes));
    }
}
