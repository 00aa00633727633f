namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Equal answers as one choice for the reviewer.</summary>
public sealed record GivenChoice(string Value, IReadOnlyList<string> People, int OfAll)
{
    /// <summary>What most people gave comes first.</summary>
    public static IReadOnlyList<GivenChoice> Group(IReadOnlyList<GivenAnswer> answers) =>
    [
        .. answers.GroupBy(a => a.Value).OrderByDescending(g => g.Count())
            .Select(g => new GivenChoice(g.Key, [.. g.Select(a => a.Person)], answers.Count)),
    ];

    /// <summary>Who gave it; only how many while the review is blind.</summary>
    public string By(bool named)
    {
        if (named)
            return string.Join(", ", People);
        return OfAll == 1 ? "the only answer" : $"{People.Count} of {OfAll} people";
    }
}
