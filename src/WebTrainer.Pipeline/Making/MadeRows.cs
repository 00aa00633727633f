namespace WebTrainer.Pipeline.Making;

/// <summary>The marks of a row that no person wrote. They are columns beside the texts, so that they stay through cleaning, joining and
/// export.</summary>
public static class MadeRows
{
    /// <summary>Column that says <see cref="Made"/>.</summary>
    public const string Origin = "origin";

    /// <summary>Value of <see cref="Origin"/>.</summary>
    public const string Made = "made";

    /// <summary>Column that says how.</summary>
    public const string By = "made_by";

    /// <summary>Column that says of what: the id of the row, or the template.</summary>
    public const string From = "made_from";

    /// <summary>Column with the cosine to the real row most like it, as the built-in embedder sees it.</summary>
    public const string Nearest = "made_nearest";

    /// <summary>Whether the row was made.</summary>
    public static bool IsMade(CanonicalRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Extra.TryGetValue(Origin, out var origin) && origin == Made;
    }

    internal static IReadOnlyDictionary<string, string> Mark(string by, string from, IReadOnlyDictionary<string, string>? others = null) =>
        new Dictionary<string, string>(others ?? new Dictionary<string, string>())
        {
            [Origin] = Made,
            [By] = by,
            [From] = from,
        };
}
