namespace WebTrainer.Learning.Batching;

/// <summary>What a classifier shall say of a row: labels and how probable each is, or a number.</summary>
/// <param name="Labels">Places of the labels that have a share; empty for a number.</param>
/// <param name="Shares">Probability of each of them; the one number where there are no labels.</param>
public sealed record RowTarget(int[] Labels, float[] Shares)
{
    /// <summary>One label by its place, with a probability of 1.</summary>
    public static RowTarget Of(int label) => new([label], [1]);

    /// <summary>A number to learn, in the unit that the dataset has it in; there are no labels then.</summary>
    public static RowTarget OfNumber(float value) => new([], [value]);

    /// <summary>The likeliest label; null for a number or where none is.</summary>
    public int? Likeliest => Labels.Length == 0 ? null : Labels[Array.IndexOf(Shares, Shares.Max())];

    /// <summary>One label has a probability of 1; false for soft labels, several labels and numbers.</summary>
    public bool IsHard => Labels.Length == 1 && Shares[0] == 1;
}
