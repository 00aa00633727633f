using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Proof;
using WebTrainer.Proof.Heads;
using WebTrainer.Proof.Merkle;

namespace WebTrainer.Data.Auditing;

/// <summary>
/// Signs heads of the log as it grows. It keeps of the log what it needs to go on (<see cref="MerkleFrontier"/>), so that it never signs a
/// state that doesn't begin with all that it signed before. Not safe for threads.
/// </summary>
public sealed class AuditHeads(ProofKeys keys, HeadFile file)
{
    private readonly MerkleFrontier _frontier = new();
    private long _lastEntry;
    private long _signedSize;
    private bool _isBegun;

    /// <summary>Why nothing is signed any more, for people; null while all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Entries that no head reaches to yet.</summary>
    public long Ahead => _frontier.Size - _signedSize;

    /// <summary>Reads on to the newest entry.</summary>
    /// <exception cref="SqliteException">The database can't be read.</exception>
    /// <exception cref="IOException">The file of heads can't be read.</exception>
    public async Task ReadOnAsync(AppDb db, CancellationToken cancellationToken)
    {
        if (Problem is not null)
        {
            return;
        }

        var last = _isBegun ? null : file.Read(out _).LastOrDefault(head => head.Key == keys.Id);
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            ReadOn((SqliteConnection)db.Database.GetDbConnection(), last, cancellationToken);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }

        if (last is not null && _signedSize != last.Size)
        {
            Problem =
                $"The log no longer begins as it did when its last head was signed ({last.At:u}, entry {last.LastEntry}). Check the log; no further head is signed until the file {file.Path} is put aside.";
        }

        _isBegun = true;
    }

    /// <summary>Signs the log as it was read last and appends the head to the file.</summary>
    /// <returns>Null where there is nothing new, or a problem.</returns>
    /// <exception cref="IOException">The file can't be written.</exception>
    public TreeHead? Sign(DateTimeOffset now)
    {
        if (Problem is not null || Ahead == 0)
        {
            return null;
        }

        var head = TreeHead.Sign(keys, _frontier.Size, _lastEntry, _frontier.Root, now);
        file.Append(head);
        _signedSize = head.Size;
        return head;
    }

    private void ReadOn(SqliteConnection connection, TreeHead? last, CancellationToken cancellationToken)
    {
        using var seals = new AuditRows(
            connection,
            FormattableString.Invariant(
                $"""SELECT "EntryId", "Hash" FROM "AuditSeals" WHERE "EntryId" > {_lastEntry} ORDER BY "EntryId" """
            )
        );
        for (; seals.IsThere; seals.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            _frontier.Append(MerkleHash.Leaf(seals.Digest(1)));
            _lastEntry = seals.Id;
            if (last is not null && last.Size == _frontier.Size && last.Root == _frontier.Root && keys.HasSigned(last))
            {
                _signedSize = last.Size;
            }
        }
    }
}
