using System.Text;
using System.Text.RegularExpressions;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// Keeps control tokens out of words that a template sees as they are: where words spell one, or could with what the template puts beside
/// them, one character of it is replaced by a private one that nobody uses, and put back when the text is cut into pieces.
/// </summary>
internal sealed class WordGuard
{
    private const char FirstPrivate = '\uE000',
        LastPrivate = '\uF8FF';
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);
    private readonly IReadOnlyList<string> _controls;
    private readonly HashSet<string> _begins = new(StringComparer.Ordinal),
        _ends = new(StringComparer.Ordinal);
    private readonly int _longest;
    private readonly Regex? _anyBegin;

    /// <param name="controls">Texts of the tokenizer's control tokens.</param>
    public WordGuard(IEnumerable<string> controls)
    {
        _controls = [.. controls.Where(control => control.Length > 0).Distinct(StringComparer.Ordinal)];
        foreach (var control in _controls)
        {
            for (var at = 1; at < control.Length; at++)
            {
                _begins.Add(control[at..]);
                _ends.Add(control[..at]);
            }
        }

        _longest = _controls.Select(control => control.Length).DefaultIfEmpty(0).Max();
        _anyBegin =
            _controls.Count == 0
                ? null
                : new Regex($"(?={string.Join('|', _controls.Select(Regex.Escape))})", RegexOptions.None, s_timeout);
    }

    /// <summary>Makes stand-ins for one conversation.</summary>
    /// <param name="words">All of its words, so that no stand-in is among them.</param>
    public Conversation Begin(IEnumerable<string> words) => new(this, words.SelectMany(text => text).ToHashSet());

    /// <summary>Places in words that could be of a control token.</summary>
    private IEnumerable<int> PlacesIn(string words)
    {
        var spelled = _anyBegin?.Matches(words).Select(match => match.Index) ?? [];
        var (from, to) = (words.Length - words.TrimStart().Length, words.TrimEnd().Length);
        if (from >= to)
        {
            return spelled;
        }

        var inner = words[from..to];
        var first = CompletesAny(inner) ? (int[])[from] : [];
        return spelled.Concat(first).Concat(BeginsAny(inner) ? [to - 1] : []);
    }

    private bool CompletesAny(string words) =>
        Enumerable.Range(1, Math.Min(words.Length, _longest)).Any(length => _begins.Contains(words[..length]))
        || (words.Length < _longest && _controls.Any(control => control.Contains(words, StringComparison.Ordinal)));

    private bool BeginsAny(string words) =>
        Enumerable.Range(1, Math.Min(words.Length, _longest)).Any(length => _ends.Contains(words[^length..]));

    /// <summary>The stand-ins of one conversation.</summary>
    internal sealed class Conversation(WordGuard guard, HashSet<char> used)
    {
        private readonly Dictionary<char, char> _standIns = [],
            _characters = [];
        private char _next = FirstPrivate;

        public string Hide(string words)
        {
            var hidden = new StringBuilder(words);
            foreach (var place in guard.PlacesIn(words))
            {
                hidden[place] = StandInFor(words[place]);
            }

            return hidden.ToString();
        }

        /// <summary>What a template made of hidden words, with the characters that were replaced as data.</summary>
        public List<TextPiece> Reveal(string text)
        {
            var (pieces, end) = (new List<TextPiece>(), 0);
            for (var at = 0; at < text.Length; at++)
            {
                if (_characters.TryGetValue(text[at], out var character))
                {
                    pieces.Add(new(text[end..at], IsTemplate: true));
                    pieces.Add(new(character.ToString(), IsTemplate: false));
                    end = at + 1;
                }
            }

            pieces.Add(new(text[end..], IsTemplate: true));
            return pieces;
        }

        private char StandInFor(char character)
        {
            if (!_standIns.TryGetValue(character, out var standIn))
            {
                while (used.Contains(_next))
                {
                    _next =
                        _next == LastPrivate
                            ? throw new Batching.DataException(
                                "A conversation uses all private characters, so that its control tokens can't be told from words."
                            )
                            : (char)(_next + 1);
                }

                standIn = _next++;
                (_standIns[character], _characters[standIn]) = (standIn, character);
            }

            return standIn;
        }
    }
}
