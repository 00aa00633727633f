using System.Runtime.InteropServices;
using System.Text;

namespace WebTrainer.Tokenizing;

/// <summary>
/// Learns byte-pair merges (Sennrich et al., arXiv:1508.07909): the most frequent pair of neighbouring tokens becomes a token,
/// again and again. Pair counts are kept up to date incrementally, so a merge costs only the words that hold it.
/// </summary>
public sealed class BpeTrainer
{
    private readonly List<Word> _words = [];
    private readonly List<byte[]> _tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
    private readonly Dictionary<(int, int), long> _counts = [];
    private readonly Dictionary<(int, int), HashSet<int>> _holders = [];
    private readonly PriorityQueue<(int Left, int Right), Candidate> _queue;

    private BpeTrainer(IEnumerable<KeyValuePair<string, long>> wordCounts)
    {
        _queue = new(new CandidateOrder());
        foreach (var (text, count) in wordCounts)
        {
            _words.Add(new Word([.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)], count));
        }

        for (var index = 0; index < _words.Count; index++)
        {
            ChangeCounts(index, +1);
        }

        foreach (var pair in _counts.Keys)
        {
            Enqueue(pair);
        }
    }

    /// <param name="size">Tokens of the finished vocabulary, bytes and special tokens included.</param>
    public static BpeVocabulary Train(IEnumerable<string> texts, int size, IReadOnlyList<string> specialTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 256 + specialTokens.Count);
        var trainer = new BpeTrainer(CountWords(texts));
        return new(trainer.Learn(size - 256 - specialTokens.Count), specialTokens);
    }

    private static Dictionary<string, long> CountWords(IEnumerable<string> texts)
    {
        var pattern = WordPattern.Compile(WordPattern.Gpt2);
        var counts = new Dictionary<string, long>();
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
        {
            foreach (var match in pattern.EnumerateMatches(text))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(lookup, text.AsSpan(match.Index, match.Length), out _)++;
            }
        }

        return counts;
    }

    private List<(int, int)> Learn(int merges)
    {
        var learned = new List<(int, int)>(merges);
        while (learned.Count < merges && _queue.TryDequeue(out var pair, out var candidate))
        {
            // Counts change after a pair was queued; only a candidate with the present count is current.
            if (_counts.GetValueOrDefault(pair) != candidate.Count)
            {
                continue;
            }

            learned.Add(pair);
            _tokens.Add([.. _tokens[pair.Left], .. _tokens[pair.Right]]);
            Merge(pair, _tokens.Count - 1);
        }

        return learned;
    }

    private void Merge((int Left, int Right) pair, int merged)
    {
        var touched = new HashSet<(int, int)>();
        foreach (var index in _holders[pair].ToArray())
        {
            touched.UnionWith(ChangeCounts(index, -1));
            _words[index] = _words[index].With(pair, merged);
            touched.UnionWith(ChangeCounts(index, +1));
        }

        _counts.Remove(pair);
        _holders.Remove(pair);
        touched.Remove(pair);
        foreach (var other in touched)
        {
            Enqueue(other);
        }
    }

    private void Enqueue((int Left, int Right) pair)
    {
        if (_counts.GetValueOrDefault(pair) is > 0 and var count)
        {
            _queue.Enqueue(pair, new Candidate(count, _tokens[pair.Left], _tokens[pair.Right]));
        }
    }

    /// <summary>Adds a word's pairs to the counts, or takes them out.</summary>
    private List<(int, int)> ChangeCounts(int index, int sign)
    {
        var word = _words[index];
        var pairs = new List<(int, int)>(word.Tokens.Length);
        for (var i = 1; i < word.Tokens.Length; i++)
        {
            var pair = (word.Tokens[i - 1], word.Tokens[i]);
            pairs.Add(pair);
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += sign * word.Count;
            ref var holders = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, pair, out _);
            holders ??= [];
            _ = sign > 0 ? holders.Add(index) : holders.Remove(index);
        }

        return pairs;
    }

    private sealed record Word(int[] Tokens, long Count)
    {
        public Word With((int Left, int Right) pair, int merged)
        {
            var tokens = new List<int>(Tokens.Length);
            for (var i = 0; i < Tokens.Length; i++)
            {
                var matches = i + 1 < Tokens.Length && Tokens[i] == pair.Left && Tokens[i + 1] == pair.Right;
                tokens.Add(matches ? merged : Tokens[i]);
                i += matches ? 1 : 0;
            }

            return this with
            {
                Tokens = [.. tokens],
            };
        }
    }

    private readonly record struct Candidate(long Count, byte[] Left, byte[] Right);

    /// <summary>Most frequent first; among equals the pair whose bytes sort last, so that training is deterministic.</summary>
    private sealed class CandidateOrder : IComparer<Candidate>
    {
        public int Compare(Candidate x, Candidate y)
        {
            if (x.Count != y.Count)
            {
                return y.Count.CompareTo(x.Count);
            }

            var left = y.Left.AsSpan().SequenceCompareTo(x.Left);
            return left != 0 ? left : y.Right.AsSpan().SequenceCompareTo(x.Right);
        }
    }
}
