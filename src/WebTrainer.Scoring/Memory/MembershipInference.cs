namespace WebTrainer.Scoring.Memory;

/// <summary>
/// How well somebody who sees a model's losses can tell the rows that it has learned from those that it hasn't. 0.5 is guessing,
/// 1 is always.
/// </summary>
public static class MembershipInference
{
    /// <summary>Of a normal distribution whose spread is hardly known: no row may decide all by itself.</summary>
    private const double LeastDeviation = 1e-3;

    /// <summary>
    /// Area under the ROC curve of an attack by threshold (Yeom et al., arXiv:1709.01604): the chance that a member's score lies above that
    /// of another, ties as half (Mann and Whitney 1947).
    /// </summary>
    /// <param name="members">Scores of rows that were learned, higher for what looks learned: a loss with its sign turned.</param>
    /// <param name="others">Of rows of the same kind that weren't.</param>
    /// <returns>0 to 1; NaN where either is empty.</returns>
    public static double Auc(IReadOnlyCollection<double> members, IReadOnlyCollection<double> others)
    {
        if (members.Count == 0 || others.Count == 0)
        {
            return double.NaN;
        }

        double[] sorted = [.. others.Order()];
        var above = members.Sum(score => (Below(sorted, score, orEqual: false) + Below(sorted, score, orEqual: true)) / 2.0);
        return above / ((double)members.Count * others.Count);
    }

    /// <summary>
    /// Share of the members that an attack finds which takes no more than so large a part of the others for members (Carlini et al.,
    /// arXiv:2112.03570, section III): an attack that is sure of a few rows harms them, however it does on average.
    /// </summary>
    /// <param name="members">As in <see cref="Auc"/>.</param>
    /// <param name="others">As in <see cref="Auc"/>, at least 1 ÷ the rate of them.</param>
    /// <param name="falsePositives">Share of the others that may be taken for members, above 0 and below 1.</param>
    public static double FoundAt(IReadOnlyCollection<double> members, IReadOnlyCollection<double> others, double falsePositives)
    {
        double[] falling = [.. others.OrderDescending()];
        var threshold = falling[Math.Min(falling.Length - 1, (int)(falsePositives * falling.Length))];
        return members.Count(score => score > threshold) / (double)members.Count;
    }

    /// <summary>
    /// The likelihood-ratio attack (LiRA, arXiv:2112.03570, algorithm 1): models are trained as the attacked one on random halves of the
    /// rows; a row's score is how much likelier the attacked model's loss of it is among those that have learned the row than among the
    /// others, both taken as normal. Losses are put on the scale log(p / (1 - p)) of the row's probability, where they are.
    /// </summary>
    /// <param name="losses">Of each row by the attacked model, -log p in nats, 0 or more.</param>
    /// <param name="references">Losses of the same rows by each reference model.</param>
    /// <param name="learned">Whether a reference model has learned a row.</param>
    /// <returns>Score of each row, higher for what looks learned; 0 of a row that fewer than two models have learned, or not.</returns>
    public static double[] LikelihoodRatios(
        IReadOnlyList<double> losses,
        IReadOnlyList<IReadOnlyList<double>> references,
        Func<int, int, bool> learned
    )
    {
        var scores = new double[losses.Count];
        for (var row = 0; row < scores.Length; row++)
        {
            List<double> with = [],
                without = [];
            for (var model = 0; model < references.Count; model++)
            {
                (learned(model, row) ? with : without).Add(Logit(references[model][row]));
            }

            scores[row] =
                with.Count < 2 || without.Count < 2 ? 0 : LogDensity(Logit(losses[row]), with) - LogDensity(Logit(losses[row]), without);
        }

        return scores;
    }

    // log(p / (1 - p)) of p = e^-loss, which is -loss - log(1 - e^-loss)
    private static double Logit(double loss) => -loss - Math.Log(Math.Max(1e-12, -ExpLessOne(-Math.Max(loss, 1e-12))));

    // eˣ - 1, also where x is near 0
    private static double ExpLessOne(double x) => Math.Abs(x) < 1e-5 ? x + (x * x / 2) : Math.Exp(x) - 1;

    private static double LogDensity(double value, List<double> sample)
    {
        var mean = sample.Average();
        var deviation = Math.Max(LeastDeviation, Math.Sqrt(sample.Average(x => (x - mean) * (x - mean))));
        var distance = (value - mean) / deviation;
        return -0.5 * distance * distance - Math.Log(deviation);
    }

    /// <summary>How many of the sorted values lie below, or not above.</summary>
    private static int Below(double[] sorted, double value, bool orEqual)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < value || (orEqual && sorted[middle] == value) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
