using System.Globalization;
using WebTrainer.Tokenizing;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Cuts a text to a number of tokens, between two characters as people see them.</summary>
internal static class TokenCut
{
    /// <param name="tokens">At most so many stay.</param>
    /// <param name="beginning">Whether the beginning stays; else the end does.</param>
    /// <remarks>
    /// The text is cut, not its tokens: some tokenizers drop case or accents, and theirs can't be read back. So the longest part that
    /// has no more tokens is searched by halving, which asks the tokenizer some ten times.
    /// </remarks>
    public static string To(string text, int tokens, bool beginning, TextTokenizer tokenizer)
    {
        var starts = StringInfo.ParseCombiningCharacters(text);
        string Part(int characters) =>
            beginning
                ? text[..(characters == starts.Length ? text.Length : starts[characters])]
                : text[(characters == 0 ? text.Length : starts[^characters])..];

        var (fits, most) = (0, starts.Length);
        while (fits < most)
        {
            var middle = (fits + most + 1) / 2;
            if (tokenizer.Count(Part(middle)) <= tokens)
            {
                fits = middle;
            }
            else
            {
                most = middle - 1;
            }
        }

        // A longer part can have fewer tokens than a shorter one by a merge at its edge, which halving may step over, but never wrongly
        // accept.
        return Part(fits).Trim();
    }
}
