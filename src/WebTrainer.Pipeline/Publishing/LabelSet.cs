namespace WebTrainer.Pipeline.Publishing;

/// <summary>Finds out while rows pass whether their answers are a closed set of labels.</summary>
internal sealed class LabelSet(int maxLabels)
{
    private readonly SortedSet<string> _labels = new(StringComparer.Ordinal);
    private bool _open;

    public long Unanswered { get; private set; }

    /// <summary>The labels in ordinal order; null where answers are free text.</summary>
    public IReadOnlyList<string>? Closed => _open || _labels.Count == 0 ? null : [.. _labels];

    /// <returns>False for a row without an answer, which nothing can be learned from.</returns>
    public bool Take(CanonicalRow row)
    {
        if (row.Response is null)
        {
            Unanswered++;
            return false;
        }

        if (row.Label is null || row.Label != row.Response)
        {
            _open = true;
        }

        if (_open)
        {
            return true;
        }

        _labels.Add(row.Label!);
        _open = _labels.Count > maxLabels;
        return true;
    }
}
