using System.Text;

namespace WebTrainer.Tokenizing;

/// <summary>
/// SentencePiece's byte-pair encoding: of the neighbours that make a piece together those of the highest score are joined, the leftmost of
/// several, until none is left.
/// </summary>
internal sealed class SentencePieceMerger(PieceTable table, int unknownId, int[]? bytes)
{
    public IReadOnlyList<int> Cut(string text)
    {
        var row = new Row(text, table);
        row.MergeAll();
        var ids = new List<int>();
        foreach (var piece in row.Pieces())
        {
            Add(ids, piece);
        }

        return ids;
    }

    private void Add(List<int> ids, string piece)
    {
        if (table.TryFind(piece, out var id))
        {
            ids.Add(id);
        }
        else if (bytes is not null)
        {
            ids.AddRange(Encoding.UTF8.GetBytes(piece).Select(value => bytes[value]));
        }
        else if (ids.Count == 0 || ids[^1] != unknownId)
        {
            ids.Add(unknownId); // several in a row are one
        }
    }

    /// <summary>A text as a chain of parts; the length of one that was joined to another is 0.</summary>
    private sealed class Row
    {
        private readonly string _text;
        private readonly PieceTable _table;
        private readonly List<(int Start, int Length, int Previous, int Next, bool Fixed)> _parts = [];
        private readonly PriorityQueue<(int Left, int Right, int Length), (double Score, int Left)> _open = new(
            Comparer<(double Score, int Left)>.Create(
                (first, second) => first.Score != second.Score ? second.Score.CompareTo(first.Score) : first.Left.CompareTo(second.Left)
            )
        );

        /// <summary>What pieces that are never given out were joined of.</summary>
        private readonly Dictionary<string, (string Left, string Right)> _unused = new(StringComparer.Ordinal);

        public Row(string text, PieceTable table)
        {
            (_text, _table) = (text, table);
            for (var at = 0; at < text.Length; at += _parts[^1].Length)
            {
                var whole = table.WholeAt(text, at);
                var pair = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]);
                var length =
                    whole > 0 ? whole
                    : pair ? 2
                    : 1;
                _parts.Add((at, length, _parts.Count - 1, at + length < text.Length ? _parts.Count + 1 : -1, whole > 0));
            }
        }

        public void MergeAll()
        {
            for (var right = 1; right < _parts.Count; right++)
            {
                Offer(right - 1, right);
            }

            while (_open.TryDequeue(out var pair, out _))
            {
                var (left, right) = (_parts[pair.Left], _parts[pair.Right]);
                if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != pair.Length)
                {
                    continue; // one of them is joined otherwise by now
                }

                _parts[pair.Left] = left with { Length = pair.Length, Next = right.Next };
                _parts[pair.Right] = right with { Length = 0 };
                if (right.Next >= 0)
                {
                    _parts[right.Next] = _parts[right.Next] with { Previous = pair.Left };
                    Offer(pair.Left, right.Next);
                }

                if (left.Previous >= 0)
                {
                    Offer(left.Previous, pair.Left);
                }
            }
        }

        public IEnumerable<string> Pieces() =>
            _parts.Where(part => part.Length > 0).SelectMany(part => Used(_text.Substring(part.Start, part.Length)));

        private IEnumerable<string> Used(string piece) =>
            _unused.TryGetValue(piece, out var parts) ? Used(parts.Left).Concat(Used(parts.Right)) : [piece];

        private void Offer(int left, int right)
        {
            var (first, second) = (_parts[left], _parts[right]);
            var piece = _text.AsSpan(first.Start, first.Length + second.Length);
            if (first.Fixed || second.Fixed || !_table.TryFind(piece, out var id))
            {
                return;
            }

            if (_table.Pieces[id].Kind == PieceKind.Unused)
            {
                _unused[piece.ToString()] = (_text.Substring(first.Start, first.Length), _text.Substring(second.Start, second.Length));
            }

            _open.Enqueue((left, right, piece.Length), (_table.Pieces[id].Score, left));
        }
    }
}
