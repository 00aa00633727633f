using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Pipeline.Import;

/// <summary>Ids of rows: the same file gives the same ids, whoever imports it and however often.</summary>
internal static class RowIds
{
    /// <returns>16 hex digits: 64 bits keep a hundred million rows of one file apart.</returns>
    public static string FromSource(string fileSha256, long line, int ordinal) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{fileSha256}:{line}:{ordinal}")).AsSpan(0, 8));
}
