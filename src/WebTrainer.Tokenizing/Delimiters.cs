namespace WebTrainer.Tokenizing;

/// <summary>What becomes of the stretches that a pattern finds; named as in <c>tokenizer.json</c>.</summary>
internal enum DelimiterBehaviour
{
    /// <summary>They vanish.</summary>
    Removed,

    /// <summary>Each is a word.</summary>
    Isolated,

    /// <summary>Each ends the word before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the word behind it.</summary>
    MergedWithNext,

    /// <summary>Those that touch are one word.</summary>
    Contiguous,
}

/// <summary>Cuts a text at what was found in it.</summary>
internal static class Delimiters
{
    /// <param name="length">Of the text.</param>
    /// <param name="found">In order.</param>
    /// <param name="inverted">What lies between is what was looked for.</param>
    /// <returns>Words in order, none of them empty.</returns>
    public static IEnumerable<(int Index, int Length)> Cut(
        int length,
        IReadOnlyList<(int Index, int Length)> found,
        DelimiterBehaviour behaviour,
        bool inverted
    )
    {
        var stretches = Stretches(length, found).Select(stretch => (stretch.Begin, stretch.End, Found: stretch.Found != inverted));
        IEnumerable<(int Begin, int End, bool Found)> words = behaviour switch
        {
            DelimiterBehaviour.Removed => stretches.Where(stretch => !stretch.Found),
            DelimiterBehaviour.Isolated => stretches,
            DelimiterBehaviour.MergedWithPrevious => Join(stretches, (before, found) => found && !before),
            DelimiterBehaviour.MergedWithNext => Enumerable.Reverse(Join(stretches.Reverse(), (before, found) => found && !before)),
            DelimiterBehaviour.Contiguous => Join(stretches, (before, found) => found == before),
            _ => throw new ArgumentOutOfRangeException(nameof(behaviour), behaviour, "Unknown behaviour."),
        };
        return words.Where(word => word.End > word.Begin).Select(word => (word.Begin, word.End - word.Begin));
    }

    private static IEnumerable<(int Begin, int End, bool Found)> Stretches(int length, IReadOnlyList<(int Index, int Length)> found)
    {
        var end = 0;
        foreach (var (index, width) in found)
        {
            if (index > end)
            {
                yield return (end, index, false);
            }

            yield return (index, index + width, true);
            end = index + width;
        }

        if (end < length)
        {
            yield return (end, length, false);
        }
    }

    /// <summary>Adds a stretch to the word before it where the rule says so of the kinds of both; the first has none before it.</summary>
    private static List<(int Begin, int End, bool Found)> Join(
        IEnumerable<(int Begin, int End, bool Found)> stretches,
        Func<bool, bool, bool> joins
    )
    {
        var words = new List<(int Begin, int End, bool Found)>();
        var before = false;
        foreach (var stretch in stretches)
        {
            if (words.Count > 0 && joins(before, stretch.Found))
            {
                words[^1] = (Math.Min(words[^1].Begin, stretch.Begin), Math.Max(words[^1].End, stretch.End), stretch.Found);
            }
            else
            {
                words.Add(stretch);
            }

            before = stretch.Found;
        }

        return words;
    }
}
