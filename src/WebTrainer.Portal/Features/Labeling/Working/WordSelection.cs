namespace WebTrainer.Portal.Features.Labeling;

/// <summary>A selection of whole words that moves and stretches by keys.</summary>
public static class WordSelection
{
    /// <param name="selected">What is selected now; the first word is next when null.</param>
    /// <param name="command">next-word, previous-word, longer or shorter.</param>
    /// <returns>Null where the text has no words.</returns>
    public static (int Start, int End)? Move(string text, (int Start, int End)? selected, string command)
    {
        var words = Words(text);
        if (words.Count == 0)
            return null;
        var first = selected is { } s ? words.FindIndex(w => w.End > s.Start) : -1;
        var last = selected is { } e ? words.FindLastIndex(w => w.Start < e.End) : -1;
        (first, last) = command switch
        {
            "next-word" => (last + 1, last + 1),
            "previous-word" => (first - 1, first - 1),
            "longer" => (first, last + 1),
            _ => (first, Math.Max(first, last - 1)),
        };
        (first, last) = (Math.Clamp(first, 0, words.Count - 1), Math.Clamp(last, 0, words.Count - 1));
        return (words[first].Start, words[last].End);
    }

    private static List<(int Start, int End)> Words(string text)
    {
        var words = new List<(int, int)>();
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var inside = i < text.Length && (char.IsLetterOrDigit(text[i]) || char.IsSurrogate(text[i]) || text[i] is '\'' or '\u200c' or '-' && start >= 0);
            if (inside && start < 0)
                start = i;
            if (inside || start < 0)
                continue;
            words.Add((start, i));
            start = -1;
        }

        return words;
    }
}
