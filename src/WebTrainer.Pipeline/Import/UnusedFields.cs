namespace WebTrainer.Pipeline.Import;

/// <summary>A field that rows hold and that no part of them was made of.</summary>
/// <param name="Name">As the file writes it; <c>messages.name</c> for the key of a message.</param>
/// <param name="Rows">Rows that hold something there.</param>
public sealed record UnusedField(string Name, long Rows);

/// <summary>Counts what rows hold beside what is used of them, so that nothing is dropped without a word.</summary>
internal sealed class UnusedLog(int maxListed)
{
    private readonly Dictionary<string, long> _rows = [];

    public IReadOnlyList<UnusedField> Listed =>
        [.. _rows.Select(f => new UnusedField(f.Key, f.Value)).OrderByDescending(f => f.Rows).ThenBy(f => f.Name, StringComparer.Ordinal)];

    public void Add(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (_rows.TryGetValue(name, out var rows) || _rows.Count < maxListed)
            {
                _rows[name] = rows + 1;
            }
        }
    }
}
