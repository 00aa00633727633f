namespace WebTrainer.Portal.Features.Labeling;

/// <summary>What was left out of a file with answers, in sentences: one broken item costs itself, and is said.</summary>
public sealed class ExchangeNotes
{
    public const int MostListed = 100;
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Each sentence once, with how often it was said.</summary>
    public IReadOnlyList<string> Listed =>
        [.. _counts.Take(MostListed).Select(note => note.Value == 1 ? note.Key : $"{note.Key} ({note.Value} times)")];

    public void Add(string sentence) => _counts[sentence] = _counts.GetValueOrDefault(sentence) + 1;
}
