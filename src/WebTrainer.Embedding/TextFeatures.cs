using System.Globalization;

namespace WebTrainer.Embedding;

/// <summary>The words of a text and the character sequences in them, as hashes. Works for every script that sets words apart.</summary>
internal static class TextFeatures
{
    /// <summary>Longer words are rather data than language; only their sequences count.</summary>
    public const int MaxWordLength = 100;

    private const int ShortestSequence = 3;
    private const int LongestSequence = 4;
    private const uint WordBit = 1;

    public static bool IsWord(uint feature) => (feature & WordBit) != 0;

    /// <summary>
    /// Adds a hash for each word, and one for each sequence of 3 or 4 characters in it with its edges; as often as they stand there.
    /// </summary>
    public static void Add(string text, List<uint> features)
    {
        Span<char> framed = stackalloc char[MaxWordLength + 2];
        foreach (var word in Words(text))
        {
            // A run of letters without spaces, as in Chinese, is taken in pieces.
            for (var start = 0; start < word.Length; start += MaxWordLength)
            {
                var piece = word.Slice(start, Math.Min(MaxWordLength, word.Length - start));
                var length = piece.ToLowerInvariant(framed[1..]);
                framed[0] = framed[length + 1] = ' ';
                features.Add(Hash(framed.Slice(1, length)) | WordBit);
                for (var n = ShortestSequence; n <= LongestSequence; n++)
                {
                    for (var i = 0; i + n <= length + 2; i++)
                    {
                        features.Add(Hash(framed.Slice(i, n)) & ~WordBit);
                    }
                }
            }
        }
    }

    public static WordSpans Words(string text) => new(text);

    /// <summary>FNV-1a, with the bits mixed at the end (the finaliser of MurmurHash3).</summary>
    private static uint Hash(ReadOnlySpan<char> text)
    {
        var hash = 2166136261;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 16777619;
        }

        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }

    /// <summary>Runs of letters, marks and digits.</summary>
    internal ref struct WordSpans(ReadOnlySpan<char> text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _next;

        public ReadOnlySpan<char> Current { get; private set; }

        public readonly WordSpans GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_next < _text.Length && !IsPart(_text[_next]))
            {
                _next++;
            }

            var start = _next;
            while (_next < _text.Length && IsPart(_text[_next]))
            {
                _next++;
            }

            Current = _text[start.._next];
            return _next > start;
        }

        private static bool IsPart(char c) =>
            char.IsLetterOrDigit(c)
            || char.IsSurrogate(c)
            || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
    }
}
