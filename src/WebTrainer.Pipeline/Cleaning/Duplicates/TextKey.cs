using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>Tells texts that are the same to a reader: case, spaces and the way letters are composed don't count.</summary>
internal static class TextKey
{
    public static string Normal(string text)
    {
        if (!text.IsNormalized(NormalizationForm.FormKC)) text = text.Normalize(NormalizationForm.FormKC);
        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
    }

#pragma warning disable CA5351 // It tells equal texts, it protects nothing.
    /// <returns>MD5 of the UTF-8 bytes.</returns>
    public static UInt128 Md5(string text)
    {
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(Encoding.UTF8.GetBytes(text), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
