using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>A Unigram vocabulary (arXiv:1804.10959): of all ways to cut a word, the one whose pieces are together the likeliest.</summary>
/// <param name="Pieces">With ▁ (U+2581) for a space; their scores are log probabilities.</param>
/// <param name="UnknownId">The token of characters that no piece spells; several in a row are one.</param>
/// <param name="ByteFallback">What no piece spells is written as its bytes.</param>
internal sealed record UnigramVocabulary(IReadOnlyList<Piece> Pieces, int UnknownId, bool ByteFallback)
{
    private const double UnknownPenalty = 10;
    private const char Space = '\u2581';

    /// <exception cref="ModelFileException">The vocabulary has no such token for the unknown.</exception>
    public TokenizerParts Build(AddedTokens added, Func<string, string> normalise, Words words)
    {
        if (UnknownId < 0 || UnknownId >= Pieces.Count)
        {
            throw new ModelFileException("The Unigram vocabulary has no token for the unknown.");
        }

        var bytes = new byte[]?[Math.Max(Pieces.Count, added.Ids.DefaultIfEmpty(-1).Max() + 1)];
        for (var id = 0; id < Pieces.Count; id++)
        {
            bytes[id] =
                Pieces[id].Kind == PieceKind.Byte
                    ? [SentencePieceVocabulary.ByteOf(Pieces[id])]
                    : Encoding.UTF8.GetBytes(Pieces[id].Text.Replace(Space, ' '));
            if (Pieces[id].Kind is PieceKind.Control or PieceKind.Unknown)
            {
                added.Special.TryAdd(Pieces[id].Text, id);
            }
        }

        added.WriteTo(bytes);
        var cutter = new UnigramCutter(Pieces, id => added.Special.ContainsKey(Pieces[id].Text), UnknownId, ByteFallback, UnknownPenalty);
        var leading = words("a", true).FirstOrDefault("").StartsWith(Space) || normalise("a").StartsWith(Space);
        return new(cutter.Cut, bytes, added.Special, added.Ordinary, leading)
        {
            Normalise = normalise,
            Words = words,
            Tokens = added.All,
            Control = added.Control,
        };
    }
}

/// <summary>Cuts one word by Viterbi's algorithm.</summary>
internal sealed class UnigramCutter
{
    private readonly Dictionary<string, (int Id, double Score)>.AlternateLookup<ReadOnlySpan<char>> _pieces;
    private readonly int[]? _bytes;
    private readonly int _unknownId,
        _longest;
    private readonly double _unknownScore;

    /// <summary>Sums are kept in single precision, as SentencePiece does: it decides between cuts that are worth the same.</summary>
    private readonly bool _single;

    public UnigramCutter(IReadOnlyList<Piece> pieces, Func<int, bool> isControl, int unknownId, bool byteFallback, double penalty)
    {
        var spelled = new Dictionary<string, (int, double)>();
        for (var id = 0; id < pieces.Count; id++)
        {
            // Neither the unknown token nor a mark is ever spelled by a text.
            if (pieces[id].Text.Length > 0 && id != unknownId && !isControl(id))
            {
                spelled[pieces[id].Text] = (id, pieces[id].Score);
            }
        }

        _pieces = spelled.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = spelled.Keys.Select(text => text.Length).DefaultIfEmpty(0).Max();
        _unknownId = unknownId;
        _unknownScore = pieces.Min(piece => (double)piece.Score) - penalty;
        _bytes = byteFallback
            ? [.. Enumerable.Range(0, 256).Select(value => spelled.TryGetValue($"<0x{value:X2}>", out var found) ? found.Item1 : unknownId)]
            : null;
    }

    /// <param name="spelled">What a text may be cut into, with log probabilities.</param>
    /// <param name="bytes">Ids of the 256 bytes that stand for what is unknown; null where one token does.</param>
    public UnigramCutter(Dictionary<string, (int Id, double Score)> spelled, int unknownId, double unknownScore, int[]? bytes)
    {
        (_pieces, _bytes) = (spelled.GetAlternateLookup<ReadOnlySpan<char>>(), bytes);
        (_unknownId, _unknownScore, _single) = (unknownId, unknownScore, true);
        _longest = spelled.Keys.Select(text => text.Length).DefaultIfEmpty(0).Max();
    }

    public IReadOnlyList<int> Cut(string word)
    {
        var best = new (double Score, int Start, int Id)[word.Length + 1];
        Array.Fill(best, (0, -1, 0), 1, word.Length);
        for (var start = 0; start < word.Length; start += Width(word, start))
        {
            var (width, whole) = (Width(word, start), false);
            for (var end = start + 1; end <= Math.Min(word.Length, start + _longest); end++)
            {
                if (_pieces.TryGetValue(word.AsSpan(start, end - start), out var piece))
                {
                    Offer(start, end, best[start].Score + piece.Score, piece.Id);
                    whole |= end == start + width;
                }
            }

            if (!whole)
            {
                Offer(start, start + width, best[start].Score + _unknownScore, _unknownId);
            }
        }

        return Follow(word, best);

        void Offer(int start, int end, double score, int id)
        {
            if (best[end].Start < 0 || score > best[end].Score)
            {
                best[end] = (_single ? (float)score : score, start, id);
            }
        }
    }

    private List<int> Follow(string word, (double Score, int Start, int Id)[] best)
    {
        var ids = new List<int>();
        for (var end = word.Length; end > 0; end = best[end].Start)
        {
            var (_, start, id) = best[end];
            if (id != _unknownId)
            {
                ids.Add(id);
                continue;
            }

            // What is unknown reaches back as far as nothing is known.
            var last = end;
            while (start > 0 && best[start].Id == _unknownId)
            {
                (end, start) = (start, best[start].Start);
            }

            ids.AddRange(UnknownTokens(word[start..last]).Reverse());
        }

        ids.Reverse();
        return ids;
    }

    private IEnumerable<int> UnknownTokens(string text)
    {
        int[] bytes = [.. Encoding.UTF8.GetBytes(text).Select(value => _bytes?[value] ?? _unknownId)];
        return bytes.Contains(_unknownId) ? [_unknownId] : bytes;
    }

    private static int Width(string word, int start) =>
        start + 1 < word.Length && char.IsSurrogatePair(word[start], word[start + 1]) ? 2 : 1;
}
