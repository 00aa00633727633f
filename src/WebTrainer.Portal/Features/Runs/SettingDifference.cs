namespace WebTrainer.Portal.Features.Runs;

/// <summary>A setting that is another one than before.</summary>
/// <param name="Before">"–" where there was none.</param>
/// <param name="Now">"–" where there is none any more.</param>
public sealed record SettingDifference(string Name, string Before, string Now)
{
    private const string None = "–";

    /// <summary>Settings whose values differ, those of <paramref name="before"/> first, in their order.</summary>
    public static IEnumerable<SettingDifference> Between(
        IReadOnlyCollection<(string Name, string Value)> before,
        IReadOnlyCollection<(string Name, string Value)> now
    ) =>
        from name in before.Concat(now).Select(line => line.Name).Distinct()
        let a = before.FirstOrDefault(line => line.Name == name).Value ?? None
        let b = now.FirstOrDefault(line => line.Name == name).Value ?? None
        where a != b
        select new SettingDifference(name, a, b);
}
