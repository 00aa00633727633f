namespace WebTrainer.Pipeline.Documentation;

/// <summary>One principle, and what is missing to keep it.</summary>
/// <param name="Missing">What to do, in a sentence; null where it is kept.</param>
public sealed record FairItem(string Principle, string Meaning, string? Missing)
{
    /// <summary>Whether nothing is missing.</summary>
    public bool IsMet => Missing is null;
}

/// <summary>Whether a version is findable, accessible, interoperable and reusable (Wilkinson et al., Scientific Data 3, 2016).</summary>
public static class FairChecklist
{
    /// <summary>The principles in the order of their paper, those that this server keeps by itself among them.</summary>
    public static IReadOnlyList<FairItem> Of(DatasetFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var answers = facts.Answers;
        return
        [
            new(
                "F1",
                "It has a name of its own that stays",
                facts.PublishedAt is null ? "Publish the version: until then it may still be thrown away." : null
            ),
            new(
                "F2",
                "It is described richly",
                Asked(answers.Description, "Describe what it is.") ?? Asked(answers.Purpose, "Say why it was made.")
            ),
            new("F3", "Its description names it by its hash", null),
            new("F4", "It can be searched for", Asked(answers.Keywords, "Give words by which it can be found.")),
            new("A1", "It can be fetched by an open protocol, by those who may", null),
            new("A2", "Its description outlasts its rows", Asked(answers.Maintainer, "Say who looks after it.")),
            new("I1", "It is written in formats that others read", null),
            new("I2", "Its languages are named by a shared vocabulary", Asked(answers.Languages, "Name its languages, as en or fa.")),
            new("I3", "It points to what it was made of", facts.Sources.Count == 0 ? "No file is known that its rows came from." : null),
            new(
                "R1.1",
                "Its licence is clear",
                facts.Licenses.Count == 0 ? "Note the licence of each source."
                    : facts.Conflicts.Count > 0 ? facts.Conflicts[0]
                    : null
            ),
            new("R1.2", "It tells where it came from and what was done to it", Asked(answers.Collection, "Say how it was collected.")),
            new("R1.3", "It keeps to the habits of its field", Checked(facts)),
        ];
    }

    private static string? Asked(string answer, string missing) => answer.Length == 0 ? missing : null;

    private static string? Checked(DatasetFacts facts) =>
        facts.Leaks is null ? "Publish it, so that it is checked for leaks."
        : facts.Leaks.Rows > 0 && facts.LeakReason is null ? "Clean the leaks out, or have a lead answer for them."
        : null;
}
