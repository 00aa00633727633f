using System.Diagnostics;
using Microsoft.Data.Sqlite;
using WebTrainer.Proof;
using WebTrainer.Proof.Heads;
using WebTrainer.Proof.Merkle;

namespace WebTrainer.Data.Auditing;

/// <summary>
/// Looks through the whole log: each entry against its seal, each seal against the one before it and the server's keys, and all of them
/// against every head that was ever signed. Reads the database as it is at one moment; nobody waits for it.
/// </summary>
public sealed class AuditVerifier
{
    /// <summary>Findings that are told one by one.</summary>
    public const int MostFindings = 100;

    private const int MostBatches = 8; // that wait for their hashes
    private static readonly TimeSpan s_mostWait = TimeSpan.FromSeconds(30); // for others to let go of the file

    private readonly ProofKeys _keys;
    private readonly byte[] _keyId;
    private readonly List<TreeHead> _heads;
    private readonly List<AuditFinding> _findings = [];
    private readonly ChainHasher _hasher = new();
    private readonly MerkleFrontier _frontier = new();
    private int _nextHead;
    private long _more;
    private long _entries;
    private long _lastId;
    private Digest _lastHash;
    private long? _brokenAt; // size of the first head that the log doesn't fit

    private AuditVerifier(ProofKeys keys, List<TreeHead> heads) =>
        (_keys, _keyId, _heads) = (keys, System.Text.Encoding.ASCII.GetBytes(keys.Id), heads);

    /// <param name="database">Path of the SQLite file.</param>
    /// <param name="keys">The server's.</param>
    /// <param name="heads">The server's own file of heads, or a copy that was kept elsewhere.</param>
    public static AuditReport Verify(string database, ProofKeys keys, HeadFile heads, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        // Statements that are prepared by SQLite's own interface know nothing of the driver's retries while others open or close the file.
        SQLitePCL.raw.sqlite3_busy_timeout(connection.Handle, (int)s_mostWait.TotalMilliseconds);
        using var moment = connection.BeginTransaction(deferred: true);
        var signed = heads.Read(out var unread);
        var verifier = new AuditVerifier(keys, [.. signed.Where(head => head.Key == keys.Id && keys.HasSigned(head)).OrderBy(h => h.Size)]);
        verifier.LookAtHeads(signed, unread, heads.Path);
        verifier.LookThrough(connection, cancellationToken);
        return new(
            verifier._entries,
            verifier._heads.Count,
            verifier._heads.Count == 0 ? null : verifier._heads[^1].LastEntry,
            SealedLater(connection),
            verifier._findings,
            verifier._more,
            clock.Elapsed
        );
    }

    private void LookAtHeads(IReadOnlyList<TreeHead> signed, IReadOnlyList<int> unread, string path)
    {
        if (signed.Count - _heads.Count is > 0 and var foreign)
        {
            Note(AuditFault.ForeignHead, null, $"{foreign:N0} heads in {path} are not signed by this server's keys ({_keys.Id}).");
        }

        foreach (var line in unread)
        {
            Note(AuditFault.ForeignHead, null, $"Line {line:N0} of {path} is no head; a server that was killed may have left half of one.");
        }
    }

    // This thread reads and draws conclusions in order; hashes of what was read are reckoned by others in between.
    private void LookThrough(SqliteConnection connection, CancellationToken cancellationToken)
    {
        using var entries = new AuditRows(connection, $"""SELECT {AuditFunctions.Columns} FROM "Audit" ORDER BY "Id" """);
        using var seals = new AuditRows(
            connection,
            """SELECT "EntryId", "Previous", "Hash", "Mark", "KeyId" FROM "AuditSeals" ORDER BY "EntryId" """
        );
        HoldAgainstHeads();
        var waiting = new Queue<Task<AuditBatch>>();
        while (entries.IsThere || seals.IsThere)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = new AuditBatch();
            while (!batch.IsFull && (entries.IsThere || seals.IsThere))
            {
                Read(entries, seals, batch);
            }

            waiting.Enqueue(Task.Run(() => batch.Check(_keys), cancellationToken));
            if (waiting.Count > MostBatches)
            {
                Conclude(waiting.Dequeue().GetAwaiter().GetResult());
            }
        }

        foreach (var last in waiting)
        {
            Conclude(last.GetAwaiter().GetResult());
        }

        LookAtEnd();
    }

    private void Read(AuditRows entries, AuditRows seals, AuditBatch batch)
    {
        if (!seals.IsThere || (entries.IsThere && entries.Id < seals.Id))
        {
            var sentence = $"Entry {entries.Id:N0} has no seal: it was put in past the portal, or its seal was taken away.";
            batch.Note(new(AuditFault.Unsealed, entries.Id, sentence));
            _entries++;
            entries.Next();
            return;
        }

        var (id, hash) = (seals.Id, seals.Digest(2));
        if (seals.Digest(1) != _lastHash)
        {
            batch.Note(
                id > _lastId + 1
                    ? new(AuditFault.Missing, _lastId + 1, $"{Entries(_lastId + 1, id - 1)} missing, with what sealed them.")
                    : new(
                        AuditFault.OutOfOrder,
                        id,
                        $"The seal of entry {id:N0} does not follow that of entry {_lastId:N0}: they were swapped, or one was sealed anew."
                    )
            );
        }

        (_lastId, _lastHash) = (id, hash);
        var foreign = seals.Bytes(4).SequenceEqual(_keyId) ? null : seals.Text(4);
        if (entries.IsThere && entries.Id == id)
        {
            _hasher.Begin(seals.Digest(1));
            entries.AddTo(_hasher);
            batch.Add(id, hash, seals.Bytes(3), foreign, _hasher.Written);
            _entries++;
            entries.Next();
        }
        else
        {
            batch.Add(id, hash, seals.Bytes(3), foreign, content: []);
        }

        seals.Next();
    }

    private void Conclude(AuditBatch batch)
    {
        var notes = new Queue<(int Row, AuditFinding Finding)>(batch.Notes);
        for (var i = 0; i < batch.Rows.Count; i++)
        {
            var row = batch.Rows[i];
            NoteUpTo(i, notes);
            if (row.ForeignKey is { } foreign)
            {
                Note(AuditFault.ForeignSeal, row.Id, $"Entry {row.Id:N0} was sealed by keys that this server doesn't have ({foreign}).");
            }
            else if (row.IsForged)
            {
                Note(AuditFault.ForeignSeal, row.Id, $"The seal of entry {row.Id:N0} was not made by this server.");
            }

            _frontier.Append(row.Leaf);
            HoldAgainstHeads();
            if (!row.HasEntry)
            {
                Note(AuditFault.Missing, row.Id, $"Entry {row.Id:N0} is missing; its seal is there.");
            }
            else if (row.IsChanged)
            {
                Note(AuditFault.Changed, row.Id, $"Entry {row.Id:N0} was changed after it was written.");
            }
        }

        NoteUpTo(batch.Rows.Count, notes);
    }

    private void HoldAgainstHeads()
    {
        for (; _nextHead < _heads.Count && _heads[_nextHead].Size == _frontier.Size; _nextHead++)
        {
            var head = _heads[_nextHead];
            if (_brokenAt is null && head.Root != _frontier.Root)
            {
                _brokenAt = head.Size;
                var from = _nextHead == 0 ? 1 : _heads[_nextHead - 1].LastEntry + 1;
                Note(
                    AuditFault.OtherThanSigned,
                    from,
                    $"One of {Entries(from, head.LastEntry, verb: false)} is not what it was when the head of {head.At:u} was signed."
                );
            }
        }
    }

    private void LookAtEnd()
    {
        if (_nextHead < _heads.Count)
        {
            var head = _heads[^1];
            Note(
                AuditFault.CutOff,
                _lastId + 1,
                $"The end was cut off, or the database put back to an earlier state: at {head.At:u} there were entries up to {head.LastEntry:N0}, and {Entries(_lastId + 1, head.LastEntry)} missing."
            );
        }
    }

    /// <summary>The portal notes it when it seals what was there before.</summary>
    private static long? SealedLater(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT max("Id") - 1 FROM "Audit" WHERE "Action" = $action""";
        command.Parameters.AddWithValue("$action", AuditSealing.Began);
        return command.ExecuteScalar() as long?;
    }

    private static string Entries(long first, long last, bool verb = true) =>
        (first >= last ? $"entry {first:N0}" + (verb ? " is" : "") : $"entries {first:N0} to {last:N0}" + (verb ? " are" : ""));

    private void NoteUpTo(int row, Queue<(int Row, AuditFinding Finding)> notes)
    {
        while (notes.TryPeek(out var next) && next.Row <= row)
        {
            var (fault, entry, sentence) = notes.Dequeue().Finding;
            Note(fault, entry, sentence);
        }
    }

    private void Note(AuditFault fault, long? entry, string sentence)
    {
        if (_findings.Count < MostFindings)
        {
            _findings.Add(new(fault, entry, char.ToUpperInvariant(sentence[0]) + sentence[1..]));
        }
        else
        {
            _more++;
        }
    }
}
