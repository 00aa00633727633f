using System.Runtime.InteropServices;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>
/// The vocabulary by the bytes of its tokens: what tokens begin alike with is read once. Control tokens and those that end an answer are
/// not in it.
/// </summary>
internal sealed class TokenTrie
{
    private readonly int[] _tokens; // in the order of their bytes
    private readonly List<Node> _nodes = []; // in depth-first order
    private readonly int _deepest;

    /// <param name="tokenizer">Byte-level or SentencePiece; a token's bytes may end within a character.</param>
    /// <param name="ends">Tokens that end an answer.</param>
    public TokenTrie(TextTokenizer tokenizer, IReadOnlySet<int> ends)
    {
        Size = tokenizer.Size;
        var bytes = new byte[Size][];
        for (var token = 0; token < Size; token++)
        {
            bytes[token] = tokenizer.IsSpecial(token) || ends.Contains(token) ? [] : tokenizer.BytesOf(token).ToArray();
        }

        _tokens = [.. Enumerable.Range(0, Size).Where(token => bytes[token].Length > 0)];
        Array.Sort(_tokens, (x, y) => bytes[x].AsSpan().SequenceCompareTo(bytes[y]));
        Grow(bytes, 0, _tokens.Length, 0);
        _deepest = _nodes.Select(node => node.Depth).DefaultIfEmpty(0).Max();
        HasAllBytes = _nodes.Count(node => node.Depth == 1 && node.Last > node.First) == 256;
    }

    /// <summary>Numbers of tokens are below this.</summary>
    public int Size { get; }

    /// <summary>Each byte is a token of its own, so that any text can be written, and in no more tokens than bytes.</summary>
    public bool HasAllBytes { get; }

    /// <summary>Finds the tokens by which strings of the grammar go on.</summary>
    /// <returns>A bit for each token.</returns>
    public ulong[] Allowed(Automaton automaton, State state)
    {
        var allowed = new ulong[(Size + 63) / 64];
        var path = new State[_deepest + 1];
        path[0] = state;
        for (var place = 0; place < _nodes.Count; )
        {
            var node = _nodes[place];
            var next = automaton.Step(path[node.Depth - 1], node.Byte);
            if (next.IsDead)
            {
                place = node.End;
                continue;
            }

            path[node.Depth] = next;
            for (var i = node.First; i < node.Last; i++)
            {
                allowed[_tokens[i] >> 6] |= 1UL << (_tokens[i] & 63);
            }

            place++;
        }

        return allowed;
    }

    /// <summary>Writes a text with the fewest tokens.</summary>
    /// <returns>Null where a byte of it is in no token that fits.</returns>
    public List<int>? Cut(ReadOnlySpan<byte> text)
    {
        var (counts, firsts, lengths) = (new int[text.Length + 1], new int[text.Length], new int[text.Length]);
        for (var begin = text.Length - 1; begin >= 0; begin--)
        {
            counts[begin] = int.MaxValue;
            foreach (var (token, length) in Matches(text[begin..]))
            {
                if (counts[begin + length] < int.MaxValue && counts[begin + length] + 1 < counts[begin])
                {
                    (counts[begin], firsts[begin], lengths[begin]) = (counts[begin + length] + 1, token, length);
                }
            }
        }

        if (counts[0] == int.MaxValue)
        {
            return null;
        }

        var tokens = new List<int>();
        for (var place = 0; place < text.Length; place += lengths[place])
        {
            tokens.Add(firsts[place]);
        }

        return tokens;
    }

    /// <summary>Tokens that the text begins with.</summary>
    private List<(int Token, int Length)> Matches(ReadOnlySpan<byte> text)
    {
        var matches = new List<(int, int)>();
        var (place, end) = (0, _nodes.Count);
        for (var depth = 0; depth < text.Length; depth++)
        {
            while (place < end && _nodes[place].Byte != text[depth])
            {
                place = _nodes[place].End;
            }

            if (place >= end)
            {
                break;
            }

            var node = _nodes[place];
            if (node.Last > node.First)
            {
                matches.Add((_tokens[node.First], depth + 1));
            }

            (place, end) = (place + 1, node.End);
        }

        return matches;
    }

    /// <param name="bytes">Of each token.</param>
    /// <param name="begin">Tokens from here on, which are alike in the bytes before the depth, and longer.</param>
    /// <param name="end">To here.</param>
    /// <param name="depth">Bytes before.</param>
    private void Grow(byte[][] bytes, int begin, int end, int depth)
    {
        while (begin < end)
        {
            var value = bytes[_tokens[begin]][depth];
            var (last, whole) = (begin, begin);
            while (last < end && bytes[_tokens[last]][depth] == value)
            {
                whole += bytes[_tokens[last++]].Length == depth + 1 ? 1 : 0;
            }

            var place = _nodes.Count;
            _nodes.Add(default);
            Grow(bytes, whole, last, depth + 1);
            _nodes[place] = new Node(value, depth + 1, begin, whole, _nodes.Count);
            begin = last;
        }
    }

    /// <param name="Byte">The last of those that lead to it.</param>
    /// <param name="Depth">How many they are.</param>
    /// <param name="First">The first token that is just these bytes.</param>
    /// <param name="Last">Behind the last such token.</param>
    /// <param name="End">Place of the next node that is not below it.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Node(byte Byte, int Depth, int First, int Last, int End);
}
