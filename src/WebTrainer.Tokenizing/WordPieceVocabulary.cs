using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>
/// BERT's vocabulary (arXiv:1810.04805): words cut greedily into the longest known pieces, with a prefix before those inside a word.
/// </summary>
/// <param name="Unknown">The token of words that can't be cut.</param>
/// <param name="Prefix">Stands before the pieces inside a word, <c>##</c>.</param>
/// <param name="LongestWord">Words of more characters are unknown as a whole.</param>
internal sealed record WordPieceVocabulary(IReadOnlyDictionary<string, int> Vocabulary, string Unknown, string Prefix, int LongestWord)
{
    public const string UsualUnknown = "[UNK]",
        UsualPrefix = "##";
    public const int UsualLongestWord = 100;
    private const int MaximumLongestWord = 10_000;

    /// <exception cref="ModelFileException">The vocabulary has no token for the unknown.</exception>
    public TokenizerParts Build(AddedTokens added, Func<string, string> normalise, Words words)
    {
        if (!Vocabulary.TryGetValue(Unknown, out var unknown) || LongestWord is < 1 or > MaximumLongestWord)
        {
            throw new ModelFileException(
                $"The WordPiece vocabulary has no token '{Unknown}' for the unknown, or reads words of {LongestWord} characters."
            );
        }

        var bytes = new byte[]?[Vocabulary.Values.Concat(added.Ids).Max() + 1];
        foreach (var (token, id) in Vocabulary)
        {
            bytes[id] = Encoding.UTF8.GetBytes(token.StartsWith(Prefix, StringComparison.Ordinal) ? token[Prefix.Length..] : " " + token);
        }

        added.WriteTo(bytes);
        var cutter = new WordPieceCutter(Vocabulary, Prefix, unknown, LongestWord);
        return new(cutter.Cut, bytes, added.Special, added.Ordinary, LeadingSpace: true)
        {
            Normalise = normalise,
            Words = words,
            Tokens = added.All,
            Control = added.Control,
        };
    }
}

/// <summary>Cuts one word.</summary>
internal sealed class WordPieceCutter
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _starts,
        _insides;
    private readonly int _unknown,
        _longestWord,
        _longestPiece;

    public WordPieceCutter(IReadOnlyDictionary<string, int> vocabulary, string prefix, int unknown, int longestWord)
    {
        (_unknown, _longestWord) = (unknown, longestWord);
        var insides = vocabulary
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
        _starts = new Dictionary<string, int>(vocabulary).GetAlternateLookup<ReadOnlySpan<char>>();
        _insides = insides.GetAlternateLookup<ReadOnlySpan<char>>();
        _longestPiece = vocabulary.Keys.Max(token => token.Length);
    }

    public IReadOnlyList<int> Cut(string word)
    {
        if (word.Length > _longestWord && word.EnumerateRunes().Count() > _longestWord)
        {
            return [_unknown];
        }

        var (ids, start) = (new List<int>(), 0);
        while (start < word.Length)
        {
            var end = Math.Min(word.Length, start + _longestPiece);
            int id;
            while (!(start == 0 ? _starts : _insides).TryGetValue(word.AsSpan(start, end - start), out id))
            {
                if (--end == start)
                {
                    return [_unknown];
                }
            }

            ids.Add(id);
            start = end;
        }

        return ids;
    }
}
