namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// The ways in which words of the Arabic script may be parted. Many are written with a zero-width non-joiner between their parts, with a
/// space there, or as one; an index of words holds them as they stand, so a search asks for each.
/// </summary>
internal static class WordParts
{
    /// <summary>Longer words are searched as they were typed: no word that is written in parts has so many letters.</summary>
    private const int MostLetters = 20;

    /// <summary>Parts of a word that stand apart, at most.</summary>
    public const int MostParts = 3;

    /// <returns>The text as it was typed and every other way to write it, a space between parts; folded.</returns>
    public static IEnumerable<string> Of(string text)
    {
        var typed = SearchText.WithJoints(SearchText.Fold(text), " ");
        yield return typed;
        var parts = typed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || !Array.TrueForAll(parts, IsWord))
        {
            yield break;
        }

        foreach (var way in Ways(parts).Where(way => way != typed).Distinct())
        {
            yield return way;
        }
    }

    /// <summary>Whether it is one word, of the Arabic script alone.</summary>
    public static bool IsWord(string folded) => folded.Length is > 0 and <= MostLetters && folded.All(SearchText.IsArabicLetter);

    private static IEnumerable<string> Ways(string[] parts) =>
        parts.Length <= MostParts && string.Concat(parts) is { Length: <= MostLetters } word ? Parted(word, MostParts) : Neighbours(parts);

    /// <summary>Of a phrase of many words: two that stand beside each other as one, or one in two parts.</summary>
    private static IEnumerable<string> Neighbours(string[] parts)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            string With(string middle, int taken) => string.Join(' ', parts[..i].Append(middle).Concat(parts[(i + taken)..]));
            if (i + 1 < parts.Length)
            {
                yield return With(parts[i] + parts[i + 1], 2);
            }

            for (var at = 1; at < parts[i].Length; at++)
            {
                yield return With(parts[i][..at] + " " + parts[i][at..], 1);
            }
        }
    }

    private static IEnumerable<string> Parted(string word, int most)
    {
        yield return word;
        if (most == 1)
        {
            yield break;
        }

        for (var at = 1; at < word.Length; at++)
        {
            foreach (var rest in Parted(word[at..], most - 1))
            {
                yield return $"{word[..at]} {rest}";
            }
        }
    }
}
