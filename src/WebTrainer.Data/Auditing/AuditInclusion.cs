using Microsoft.Data.Sqlite;
using WebTrainer.Proof;
using WebTrainer.Proof.Heads;
using WebTrainer.Proof.Merkle;

namespace WebTrainer.Data.Auditing;

/// <summary>An entry in a tree.</summary>
/// <param name="Index">Of its leaf, from 0.</param>
/// <param name="Content">The bytes whose SHA-256 is the entry's hash: the hash of the entry before it, and all of its columns.</param>
/// <param name="Path">From its leaf to the root (RFC 6962, section 2.1.1).</param>
public sealed record IncludedEntry(long Id, int Index, byte[] Content, IReadOnlyList<Digest> Path);

/// <summary>Proof that entries are in the log that a signed head is of; who has the public key needs nothing else.</summary>
public sealed record AuditInclusion(TreeHead Head, IReadOnlyList<IncludedEntry> Entries)
{
    /// <param name="database">Path of the SQLite file.</param>
    /// <param name="heads">Signed heads of the log, the oldest first.</param>
    /// <param name="entries">Ids, each of an entry with a seal.</param>
    /// <returns>Under the first head that reaches to all of them, so that the proof stays the same while the log grows; null where none
    /// reaches so far.</returns>
    /// <exception cref="InvalidDataException">The log is not what was sealed or signed; the message names the entry.</exception>
    public static AuditInclusion? Prove(
        string database,
        IReadOnlyList<TreeHead> heads,
        IReadOnlyCollection<long> entries,
        CancellationToken cancellationToken
    )
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var moment = connection.BeginTransaction(deferred: true);
        var (tree, places) = Read(connection, entries.ToHashSet(), cancellationToken);
        var last = places.Count == 0 ? 0 : places.Values.Max(place => place.Index);
        if (heads.FirstOrDefault(head => head.Size > last && head.Size <= tree.Size) is not { } signed)
        {
            return null;
        }

        return tree.RootAt((int)signed.Size) == signed.Root
            ? new(
                signed,
                [
                    .. places
                        .OrderBy(place => place.Key)
                        .Select(place => new IncludedEntry(
                            place.Key,
                            place.Value.Index,
                            Content(connection, place.Key, place.Value.Previous, place.Value.Hash),
                            tree.Inclusion(place.Value.Index, (int)signed.Size)
                        )),
                ]
            )
            : throw new InvalidDataException($"The audit log is not what it was when the head of {signed.At:u} was signed.");
    }

    private static (MerkleTree Tree, Dictionary<long, (int Index, Digest Previous, Digest Hash)> Places) Read(
        SqliteConnection connection,
        HashSet<long> entries,
        CancellationToken cancellationToken
    )
    {
        var (tree, places) = (new MerkleTree(), new Dictionary<long, (int, Digest, Digest)>());
        using var seals = new AuditRows(connection, """SELECT "EntryId", "Hash", "Previous" FROM "AuditSeals" ORDER BY "EntryId" """);
        for (; seals.IsThere; seals.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var hash = seals.Digest(1);
            if (entries.Contains(seals.Id))
            {
                places[seals.Id] = (tree.Size, seals.Digest(2), hash);
            }

            tree.Append(MerkleHash.Leaf(hash));
        }

        return entries.FirstOrDefault(id => !places.ContainsKey(id)) is var unsealed and not 0
            ? throw new InvalidDataException($"Entry {unsealed:N0} of the audit log has no seal.")
            : (tree, places);
    }

    private static byte[] Content(SqliteConnection connection, long id, Digest previous, Digest hash)
    {
        using var row = new AuditRows(
            connection,
            FormattableString.Invariant($"""SELECT {AuditFunctions.Columns} FROM "Audit" WHERE "Id" = {id}""")
        );
        var hasher = new ChainHasher().Begin(previous);
        if (row.IsThere)
        {
            row.AddTo(hasher);
        }

        return hasher.End() == hash
            ? hasher.Written.ToArray()
            : throw new InvalidDataException($"Entry {id:N0} of the audit log was changed after it was written.");
    }
}
