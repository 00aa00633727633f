namespace WebTrainer.Labeling;

/// <summary>How alike two people marked one text, mark by mark.</summary>
public static class SpanF1
{
    /// <summary>
    /// F1 of exact marks, 2 |A ∩ B| / (|A| + |B|): equal start, end and label. It is the same whichever is called the truth.
    /// </summary>
    /// <returns>0 to 1; 1 where neither marked anything.</returns>
    public static double Compute(IReadOnlyCollection<Mark> one, IReadOnlyCollection<Mark> other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var marks = one.Count + other.Count;
        return marks == 0 ? 1 : 2.0 * one.Intersect(other).Count() / marks;
    }
}
