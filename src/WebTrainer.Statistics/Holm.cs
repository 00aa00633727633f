namespace WebTrainer.Statistics;

/// <summary>Corrects p-values for having looked several times (Holm, Scandinavian Journal of Statistics 6, 1979).</summary>
public static class Holm
{
    /// <returns>Corrected values in the order given: the chance of one false alarm among all of them stays below the level.</returns>
    public static double[] Correct(IReadOnlyList<double> pValues)
    {
        var corrected = new double[pValues.Count];
        var highest = 0.0;
        foreach (var (rank, index) in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]).Index())
        {
            highest = Math.Max(highest, Math.Min(1, (pValues.Count - rank) * pValues[index]));
            corrected[index] = highest;
        }

        return corrected;
    }
}
