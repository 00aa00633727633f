namespace WebTrainer.EndToEnd.Support;

/// <summary>Names that <c>./test</c> chooses tests by.</summary>
public static class Traits
{
    public const string Category = "Category";

    /// <summary>Kills, large files, speed and training on real data: <c>./test long</c>, before a release.</summary>
    public const string BeforeRelease = "Long";
}
