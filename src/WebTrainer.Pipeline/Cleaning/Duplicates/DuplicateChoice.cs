namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>By what rows count as the same.</summary>
public enum DuplicateBy
{
    /// <summary>The prompt: two answers to one question count as one row.</summary>
    Prompt,

    /// <summary>Prompt and response together.</summary>
    PromptAndResponse,
}

/// <summary>Which of several equal rows stays.</summary>
public enum DuplicateKeep
{
    First,

    /// <summary>The newest, where rows were added at the end.</summary>
    Last,

    /// <summary>The one with the longest response, or prompt where there is none.</summary>
    Longest,
}

/// <summary>The choices that both steps against repetitions have.</summary>
internal static class DuplicateChoice
{
    public static string Text(CanonicalRow row, DuplicateBy by) =>
        by == DuplicateBy.Prompt ? row.Prompt : row.Prompt + "\n\n" + row.Response;

    /// <summary>Smaller is kept before larger; a row somebody took back before all.</summary>
    public static long Rank(int index, CanonicalRow row, DuplicateKeep keep, bool mustStay)
    {
        if (mustStay) return long.MinValue;
        return keep switch
        {
            DuplicateKeep.First => index,
            DuplicateKeep.Last => -index,
            // Of equal length the first: the position breaks the tie.
            _ => (-(long)(row.Response ?? row.Prompt).Length << 32) + index,
        };
    }
}
