using System.Buffers;
using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>E-mail addresses, found from their @ outwards.</summary>
internal sealed partial class EmailFinder : IFinder
{
    private static readonly SearchValues<char> s_signs = SearchValues.Create("!#$%&'*+-/=?^_`{|}~.");

    public string Name => "EMAIL";

    public IEnumerable<Found> Find(string text)
    {
        var from = 0;
        for (var at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', Math.Max(from, at + 1)))
        {
            var start = Start(text, at, from);
            var domain = start < at ? Domain().Match(text, at + 1) : Match.Empty;
            if (!domain.Success)
            {
                continue;
            }

            from = domain.Index + domain.Length;
            yield return new Found(start, from);
            if (from == text.Length)
            {
                yield break;
            }
        }
    }

    /// <returns>Where the name before the @ begins; the @ itself where there is none.</returns>
    private static int Start(string text, int at, int least)
    {
        if (at > 0 && text[at - 1] == '.')
        {
            return at;
        }

        var start = at;
        while (
            start > least
            && (char.IsLetterOrDigit(text[start - 1]) || s_signs.Contains(text[start - 1]))
            && !(text[start - 1] == '.' && text[start] == '.')
        )
        {
            start--;
        }
        // Signs that open a bracket or a quotation aren't part of the name.
        while (start < at && !char.IsLetterOrDigit(text[start]) && text[start] != '_')
        {
            start++;
        }

        return start;
    }

    [GeneratedRegex(@"\G(?:\w(?:[\w-]*\w)?\.)+[\w-]*\w{2,}", RegexOptions.CultureInvariant, PatternFinder.TimeoutMilliseconds)]
    private static partial Regex Domain();
}
