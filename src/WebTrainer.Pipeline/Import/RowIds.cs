using System.Globalization;
using System.Security.Cryptography;
using System.Text.Unicode;

namespace WebTrainer.Pipeline.Import;

/// <summary>Ids of rows: the same file gives the same ids, whoever imports it and however often.</summary>
internal static class RowIds
{
    /// <summary>64 digits of the hash and two numbers.</summary>
    private const int MaxNameBytes = 128;

    /// <summary>One a thread: to begin a hash anew costs half of what a new one does, and a large file has millions.</summary>
    [ThreadStatic]
    private static IncrementalHash? t_hash;

    /// <returns>16 hex digits: 64 bits keep a hundred million rows of one file apart.</returns>
    public static string FromSource(string fileSha256, long line, int ordinal)
    {
        Span<byte> name = stackalloc byte[MaxNameBytes];
        Utf8.TryWrite(name, CultureInfo.InvariantCulture, $"{fileSha256}:{line}:{ordinal}", out var length);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var hasher = t_hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hasher.AppendData(name[..length]);
        hasher.GetHashAndReset(hash);
        return Convert.ToHexStringLower(hash[..8]);
    }
}
