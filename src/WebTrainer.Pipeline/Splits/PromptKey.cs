using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using WebTrainer.Pipeline.Cleaning.Leaks;

namespace WebTrainer.Pipeline.Splits;

/// <summary>Tells equal rows: those whose prompts differ at most in case, spaces, signs and the way letters are composed.</summary>
internal static class PromptKey
{
    /// <returns>The first 128 bits of a SHA-256: even a billion prompts don't collide.</returns>
    public static UInt128 Of(string prompt)
    {
        // As the search for leaks does, so that no two rows which it calls the same are parted.
        var words = OverlapIndex.Normal(UnicodeForms.Of(prompt, NormalizationForm.FormKC));
        return OfText(words.Length == 0 ? prompt : string.Join(' ', words));
    }

    /// <returns>The key of a text as it stands.</returns>
    public static UInt128 OfText(string text) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>A key's place in a shuffle that depends on the seed and on nothing else, not even on the other rows.</summary>
    public static UInt128 Shuffle(UInt128 key, long seed)
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], seed);
        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(bytes));
    }
}
