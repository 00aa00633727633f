using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>Finds by a regular expression what a check then confirms.</summary>
/// <param name="mayHold">A quick look that spares most texts the expression.</param>
/// <param name="check">Whether a match is one: check digits, known endings.</param>
internal sealed class PatternFinder(string name, Regex pattern, Func<string, bool> mayHold, Func<string, bool>? check = null) : IFinder
{
    /// <summary>Time for one text, hundreds of times what a megabyte takes; only one made for it takes longer.</summary>
    internal const int TimeoutMilliseconds = 10_000;

    public string Name => name;

    public IEnumerable<Found> Find(string text)
    {
        if (!mayHold(text))
        {
            yield break;
        }

        for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
        {
            if (check is null || check(match.Value))
            {
                yield return new Found(match.Index, match.Index + match.Length);
            }
        }
    }
}

/// <summary>Quick looks: whether a text can hold what a finder seeks.</summary>
internal static class Quick
{
    public static bool HasDigit(string text) => text.AsSpan().IndexOfAnyInRange('0', '9') >= 0;

    /// <summary>Whether there are so many digits in the whole text.</summary>
    public static bool HasDigits(string text, int least)
    {
        var rest = text.AsSpan();
        for (var found = 0; found < least; found++)
        {
            var at = rest.IndexOfAnyInRange('0', '9');
            if (at < 0)
            {
                return false;
            }

            rest = rest[(at + 1)..];
        }

        return true;
    }
}
