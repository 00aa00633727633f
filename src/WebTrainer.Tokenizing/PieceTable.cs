namespace WebTrainer.Tokenizing;

/// <summary>The pieces that a text may be cut into, by what they spell; marks, bytes and the unknown are none of them.</summary>
internal sealed class PieceTable
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _whole;
    private readonly int _longestWhole;

    public PieceTable(IReadOnlyList<Piece> pieces)
    {
        Pieces = pieces;
        var (ids, whole) = (new Dictionary<string, int>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        for (var id = 0; id < pieces.Count; id++)
        {
            if (pieces[id] is { Kind: PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused, Text.Length: > 0 } piece)
            {
                ids.TryAdd(piece.Text, id);
                if (piece.Kind == PieceKind.UserDefined)
                {
                    whole.Add(piece.Text);
                }
            }
        }

        (Spelled, _ids, _whole) = (ids, ids.GetAlternateLookup<ReadOnlySpan<char>>(), whole.GetAlternateLookup<ReadOnlySpan<char>>());
        _longestWhole = whole.Select(text => text.Length).DefaultIfEmpty(0).Max();
    }

    public IReadOnlyList<Piece> Pieces { get; }

    public IReadOnlyDictionary<string, int> Spelled { get; }

    public bool TryFind(ReadOnlySpan<char> text, out int id) => _ids.TryGetValue(text, out id);

    /// <summary>The longest piece of a user's choice that stands here, which is never cut nor rewritten.</summary>
    /// <returns>Its length; 0 where there is none.</returns>
    public int WholeAt(string text, int at)
    {
        for (var length = Math.Min(_longestWhole, text.Length - at); length > 0; length--)
        {
            if (_whole.Contains(text.AsSpan(at, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
