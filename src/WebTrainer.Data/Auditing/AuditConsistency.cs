using Microsoft.Data.Sqlite;
using WebTrainer.Proof.Merkle;

namespace WebTrainer.Data.Auditing;

/// <summary>
/// Proof that the log of now begins with that of an earlier size: who has the earlier head needs nothing else (RFC 6962, section 2.1.2).
/// Hashes are hexadecimal.
/// </summary>
public sealed record AuditConsistency(long EarlierSize, string EarlierRoot, long LaterSize, string LaterRoot, IReadOnlyList<string> Path)
{
    /// <param name="database">Path of the SQLite file.</param>
    /// <param name="earlier">Size of an earlier head.</param>
    /// <exception cref="ArgumentOutOfRangeException">The log is smaller.</exception>
    public static AuditConsistency Prove(string database, long earlier, CancellationToken cancellationToken)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        var tree = new MerkleTree();
        using var seals = new AuditRows(connection, """SELECT "EntryId", "Hash" FROM "AuditSeals" ORDER BY "EntryId" """);
        for (; seals.IsThere; seals.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            tree.Append(MerkleHash.Leaf(seals.Digest(1)));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(earlier, tree.Size);
        ArgumentOutOfRangeException.ThrowIfNegative(earlier);
        var size = (int)earlier;
        return new(
            size,
            tree.RootAt(size).ToString(),
            tree.Size,
            tree.RootAt(tree.Size).ToString(),
            [.. tree.Consistency(size, tree.Size).Select(hash => hash.ToString())]
        );
    }
}
