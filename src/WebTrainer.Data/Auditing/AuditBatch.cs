using System.Buffers;
using WebTrainer.Proof;
using WebTrainer.Proof.Merkle;

namespace WebTrainer.Data.Auditing;

/// <summary>
/// Seals with their entries, copied from the database, so that their hashes are reckoned beside the reading of the next ones.
/// </summary>
internal sealed class AuditBatch
{
    public const int MostRows = 4096;

    private readonly ArrayBufferWriter<byte> _contents = new();
    private readonly ArrayBufferWriter<byte> _marks = new();
    private readonly List<Row> _rows = new(MostRows);
    private readonly List<(int Row, AuditFinding Finding)> _notes = [];

    public bool IsFull => _rows.Count + _notes.Count >= MostRows;

    /// <summary>Rows with what was found out of them, by <see cref="Check"/>.</summary>
    public IReadOnlyList<Row> Rows => _rows;

    /// <summary>Something that reading alone shows; it stands before the next row.</summary>
    public void Note(AuditFinding finding) => _notes.Add((_rows.Count, finding));

    /// <summary>Those notes in their order, each with the number of the row that it stands before.</summary>
    public IReadOnlyList<(int Row, AuditFinding Finding)> Notes => _notes;

    /// <param name="foreignKey">Whose seal it is, where it is not the server's.</param>
    /// <param name="content">What the entry's hash is over; empty where there is no entry.</param>
    public void Add(long id, Digest hash, ReadOnlySpan<byte> mark, string? foreignKey, ReadOnlySpan<byte> content)
    {
        _rows.Add(new(id, hash, foreignKey, content.Length, mark.Length));
        _contents.Write(content);
        _marks.Write(mark);
    }

    public AuditBatch Check(ProofKeys keys)
    {
        var contents = _contents.WrittenSpan;
        var marks = _marks.WrittenSpan;
        for (var i = 0; i < _rows.Count; i++)
        {
            var row = _rows[i];
            _rows[i] = row with
            {
                IsForged = row.ForeignKey is null && !keys.IsMark(row.Hash, marks[..row.MarkLength]),
                IsChanged = row.HasEntry && Digest.Of(contents[..row.ContentLength]) != row.Hash,
                Leaf = MerkleHash.Leaf(row.Hash),
            };
            contents = contents[row.ContentLength..];
            marks = marks[row.MarkLength..];
        }

        return this;
    }

    /// <param name="IsForged">The mark is not that of the server's keys.</param>
    /// <param name="IsChanged">The entry is not what was sealed.</param>
    /// <param name="Leaf">In the tree.</param>
    public sealed record Row(
        long Id,
        Digest Hash,
        string? ForeignKey,
        int ContentLength,
        int MarkLength,
        bool IsForged = false,
        bool IsChanged = false,
        Digest Leaf = default
    )
    {
        public bool HasEntry => ContentLength > 0;
    }
}
