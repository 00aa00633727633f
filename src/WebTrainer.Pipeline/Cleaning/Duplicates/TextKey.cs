using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using WebTrainer.Pipeline.Rows;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>
/// Tells texts that are the same to a reader: case, spaces and the way letters are composed don't count, nor how Persian words are parted
/// and which keyboard wrote them.
/// </summary>
internal static class TextKey
{
    public static string Normal(string text) =>
        string.Join(
                ' ',
                PersianForms
                    .Same(UnicodeForms.Of(text, NormalizationForm.FormKC))
                    .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            )
            .ToLowerInvariant();

    /// <returns>MD5 of the UTF-8 bytes of the normal form. Plain English takes a way without copies; most texts are that.</returns>
    public static UInt128 NormalMd5(string text)
    {
        if (!Ascii.IsValid(text))
        {
            return Md5(Normal(text));
        }

        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            return Hash(buffer.AsSpan(0, WriteNormal(text, buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// ASCII is composed already; what is left is to write small letters, and one space for any white space between words.
    /// </summary>
    private static int WriteNormal(string text, byte[] target)
    {
        var (length, pending) = (0, false);
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                pending = length > 0;
                continue;
            }

            if (pending)
            {
                target[length++] = (byte)' ';
            }

            pending = false;
            target[length++] = (byte)char.ToLowerInvariant(c);
        }

        return length;
    }

#pragma warning disable CA5351 // It tells equal texts, it protects nothing.
    /// <returns>MD5 of the UTF-8 bytes.</returns>
    public static UInt128 Md5(string text) => Hash(Encoding.UTF8.GetBytes(text));

    private static UInt128 Hash(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(text, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
