using System.Collections.Concurrent;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>How a vocabulary of merges treats what its merges don't say.</summary>
/// <param name="UnknownId">Token of a character that the vocabulary lacks; null where such a character vanishes.</param>
/// <param name="FusesUnknown">Several such characters in a row are one token.</param>
/// <param name="FallsBackToBytes">They are written as the tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> first, where the vocabulary has
/// those.</param>
/// <param name="IgnoresMerges">A word that is a token is that token, whatever the merges make of it.</param>
/// <param name="Prefix">Before each character of a word but the first.</param>
/// <param name="Suffix">Behind the last character of a word.</param>
internal sealed record BpeRules(
    int? UnknownId = null,
    bool FusesUnknown = false,
    bool FallsBackToBytes = false,
    bool IgnoresMerges = false,
    string Prefix = "",
    string Suffix = ""
);

/// <summary>
/// Byte-pair encoding (arXiv:1508.07909) of one word: of the pairs that stand side by side the one that was learned first is merged, the
/// leftmost of several, until none is left.
/// </summary>
internal sealed class BpeModel
{
    private const int LongestKept = 64,
        MostKept = 1 << 16,
        KeyFactor = 1_000_003;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly Dictionary<long, (int Rank, int Id)> _merges;
    private readonly BpeRules _rules;
    private readonly int[]? _bytes;
    private readonly ConcurrentDictionary<string, int[]> _known = new(StringComparer.Ordinal);

    /// <param name="spelled">Tokens that a text can be cut into.</param>
    /// <param name="merges">In the order learned.</param>
    /// <exception cref="ModelFileException">A merge is not of tokens, or makes none.</exception>
    public BpeModel(Dictionary<string, int> spelled, IReadOnlyList<(string Left, string Right)> merges, BpeRules rules)
    {
        (_ids, _rules) = (spelled.GetAlternateLookup<ReadOnlySpan<char>>(), rules);
        _merges = new(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            int IdOf(string token) =>
                spelled.TryGetValue(token, out var id)
                    ? id
                    : throw new ModelFileException(
                        $"Merge {rank} of the tokenizer is of '{left}' and '{right}', but '{token}' is no token."
                    );
            _merges[KeyOf(IdOf(left), IdOf(right))] = (rank, IdOf(left + right[rules.Prefix.Length..]));
        }

        _bytes = rules.FallsBackToBytes
            ? [.. Enumerable.Range(0, 256).Select(value => spelled.GetValueOrDefault($"<0x{value:X2}>", -1))]
            : null;
    }

    public IReadOnlyList<int> Cut(string word)
    {
        if (word.Length > LongestKept)
        {
            return CutNew(word);
        }

        if (_known.TryGetValue(word, out var ids))
        {
            return ids;
        }

        ids = CutNew(word);
        if (_known.Count < MostKept)
        {
            _known[word] = ids;
        }

        return ids;
    }

    /// <summary>A number for each pair, whose bits are well mixed: ids are below the factor.</summary>
    private static long KeyOf(int left, int right) => ((long)left * KeyFactor) + right;

    private int[] CutNew(string word) =>
        _rules.IgnoresMerges && _ids.TryGetValue(word, out var whole) ? [whole] : Merge([.. Characters(word)]);

    /// <summary>The tokens of single characters.</summary>
    private List<int> Characters(string word)
    {
        var ids = new List<int>(word.Length);
        var afterUnknown = false;
        for (var (at, width) = (0, 0); at < word.Length; at += width)
        {
            width = char.IsHighSurrogate(word[at]) && at + 1 < word.Length ? 2 : 1;
            var known = TryCharacter(word, at, width, ids);
            if (!known && _rules.UnknownId is { } unknown && !(afterUnknown && _rules.FusesUnknown))
            {
                ids.Add(unknown);
            }

            afterUnknown = !known;
        }

        return ids;
    }

    private bool TryCharacter(string word, int at, int width, List<int> ids)
    {
        var (first, last) = (at == 0, at + width == word.Length);
        var found =
            (first || _rules.Prefix.Length == 0) && (!last || _rules.Suffix.Length == 0)
                ? _ids.TryGetValue(word.AsSpan(at, width), out var id)
                : _ids.TryGetValue(string.Concat(first ? "" : _rules.Prefix, word.AsSpan(at, width), last ? _rules.Suffix : ""), out id);
        if (found)
        {
            ids.Add(id);
        }

        return found || TryBytes(word.AsSpan(at, width), ids);
    }

    private bool TryBytes(ReadOnlySpan<char> character, List<int> ids)
    {
        if (_bytes is null)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..Encoding.UTF8.GetBytes(character, bytes)];
        foreach (var value in bytes)
        {
            if (_bytes[value] < 0)
            {
                return false;
            }
        }

        foreach (var value in bytes)
        {
            ids.Add(_bytes[value]);
        }

        return true;
    }

    private int[] Merge(int[] ids)
    {
        if (ids.Length < 2)
        {
            return ids;
        }

        var row = new Row(ids, _merges);
        row.MergeAll();
        return row.Left();
    }

    /// <summary>A word's tokens as a chain, from which merged ones are taken out.</summary>
    private sealed class Row
    {
        private readonly int[] _ids,
            _next,
            _previous;
        private readonly Dictionary<long, (int Rank, int Id)> _merges;
        private readonly PriorityQueue<(int Place, int Id), long> _open = new();

        public Row(int[] ids, Dictionary<long, (int Rank, int Id)> merges)
        {
            (_ids, _merges) = (ids, merges);
            _next = [.. Enumerable.Range(1, ids.Length)];
            _previous = [.. Enumerable.Range(-1, ids.Length)];
        }

        public void MergeAll()
        {
            for (var place = 0; place < _ids.Length - 1; place++)
            {
                Offer(place);
            }

            while (_open.TryDequeue(out var merge, out _))
            {
                // What was offered may be merged otherwise by now.
                if (_ids[merge.Place] >= 0 && Find(merge.Place) is { } now && now.Id == merge.Id)
                {
                    Apply(merge.Place, merge.Id);
                }
            }
        }

        public int[] Left() => Array.FindAll(_ids, id => id >= 0);

        private void Apply(int place, int id)
        {
            var gone = _next[place];
            (_ids[place], _ids[gone], _next[place]) = (id, -1, _next[gone]);
            if (_next[place] < _ids.Length)
            {
                _previous[_next[place]] = place;
                Offer(place);
            }

            if (_previous[place] >= 0)
            {
                Offer(_previous[place]);
            }
        }

        private void Offer(int place)
        {
            if (Find(place) is { } merge)
            {
                _open.Enqueue((place, merge.Id), ((long)merge.Rank << 32) | (uint)place);
            }
        }

        private (int Rank, int Id)? Find(int place) =>
            _next[place] < _ids.Length && _merges.TryGetValue(KeyOf(_ids[place], _ids[_next[place]]), out var merge) ? merge : null;
    }
}
