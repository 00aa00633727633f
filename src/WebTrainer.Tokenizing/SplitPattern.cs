using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>
/// A pattern out of somebody's file, matched without going back: the time that a match takes grows with the text alone, whatever the
/// pattern. Patterns that need to go back are refused, but for the well-known ones, and for the one look ahead that these and their kin end
/// with, which is done by hand here.
/// </summary>
public sealed class SplitPattern
{
    /// <summary>White space up to the last sign before a word, which belongs to the word; or all of it.</summary>
    private const string WordsTail = @"|\s+(?!\S)|\s+",
        WhiteSpace = @"|\s+";
    private readonly Regex _pattern;
    private readonly Regex? _beforeTail;
    private readonly PatternBudget _budget = new();

    /// <exception cref="ModelFileException">It is no pattern, or can't be matched without going back.</exception>
    public SplitPattern(string pattern)
    {
        var known = WordPattern.IsLinear(pattern);
        var head = !known && pattern.EndsWith(WordsTail, StringComparison.Ordinal) ? pattern[..^WordsTail.Length] : null;
        _beforeTail = head is null ? null : Compile(head);
        _pattern = known ? WordPattern.Compile(pattern) : Compile(head is null ? pattern : head + WhiteSpace);
    }

    /// <summary>Places and lengths of all matches, in order.</summary>
    /// <exception cref="RegexMatchTimeoutException">The pattern takes too long.</exception>
    public List<(int Index, int Length)> Matches(string text)
    {
        // .NET's patterns see two units where a character lies beyond the basic plane, neither of which is a letter, digit or sign.
        return text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && StandInText.Of(text) is { } standIn
            ? standIn.InText(MatchesOf(standIn.Text))
            : MatchesOf(text);
    }

    private List<(int Index, int Length)> MatchesOf(string text)
    {
        var matches = new List<(int, int)>();
        using var turn = _budget.Begin(text.Length);
        for (int? from = 0; from is { } start; )
        {
            from = MatchesFrom(text, start, matches, turn);
        }

        return matches;
    }

    /// <summary>What the pattern finds, and what is between; no part is empty.</summary>
    /// <exception cref="RegexMatchTimeoutException">The pattern takes too long.</exception>
    public IEnumerable<(int Index, int Length)> Parts(string text)
    {
        var end = 0;
        foreach (var (index, length) in Matches(text))
        {
            if (index > end)
            {
                yield return (end, index - end);
            }

            if (length > 0)
            {
                yield return (index, length);
            }

            end = index + length;
        }

        if (end < text.Length)
        {
            yield return (end, text.Length - end);
        }
    }

    /// <exception cref="RegexMatchTimeoutException">The pattern takes too long.</exception>
    public string Replace(string text, string content)
    {
        var (replaced, end) = (new System.Text.StringBuilder(text.Length), 0);
        foreach (var (index, length) in Matches(text))
        {
            replaced.Append(text, end, index - end).Append(content);
            end = index + length;
        }

        return replaced.Append(text, end, text.Length - end).ToString();
    }

    /// <returns>Where to go on; null at the end.</returns>
    private int? MatchesFrom(string text, int start, List<(int Index, int Length)> matches, PatternBudget.Turn turn)
    {
        foreach (var match in _pattern.EnumerateMatches(text, start))
        {
            turn.Check();
            if (IsSpaceBeforeWord(text, match.Index, match.Length))
            {
                matches.Add((match.Index, match.Length - 1));
                return match.Index + match.Length - 1;
            }

            matches.Add((match.Index, match.Length));
        }

        return null;
    }

    /// <summary>Whether a match is the tail's white space, and a word follows to which its last sign belongs.</summary>
    private bool IsSpaceBeforeWord(string text, int index, int length)
    {
        var end = index + length;
        if (_beforeTail is null || length < 2 || end == text.Length || char.IsWhiteSpace(text[end]))
        {
            return false;
        }

        var space = text.AsSpan(index, length);
        return space.IsWhiteSpace() && !Begins(_beforeTail, space);
    }

    private static bool Begins(Regex pattern, ReadOnlySpan<char> text)
    {
        foreach (var match in pattern.EnumerateMatches(text))
        {
            return match is { Index: 0, Length: > 0 };
        }

        return false;
    }

    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, WordPattern.MatchTimeout);
        }
        catch (NotSupportedException exception)
        {
            throw new ModelFileException(
                "A pattern of the tokenizer looks around or back, or is too large, and so can't be matched in bounded time: "
                    + exception.Message,
                exception
            );
        }
    }
}
