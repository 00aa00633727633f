namespace WebTrainer.Pipeline;

/// <summary>Ids of rows that come together from several places.</summary>
internal static class RowNames
{
    /// <summary>The id itself, or with a number where it is taken: ids stay unique in a version. It counts as taken from now on.</summary>
    public static string Free(string id, HashSet<string> taken)
    {
        var free = id;
        for (var more = 2; !taken.Add(free); more++)
        {
            free = $"{id}-{more}";
        }

        return free;
    }
}
