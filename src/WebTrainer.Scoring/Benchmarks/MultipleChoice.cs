using System.Text;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>Right or wrong by the likeliest choice, with the conventions of lm-evaluation-harness.</summary>
public static class MultipleChoice
{
    /// <summary>Metrics: shares of right answers by the likelihood of a choice, by that a character, and by that a byte.</summary>
    public const string Accuracy = "acc",
        NormalisedAccuracy = "acc_norm",
        ByteAccuracy = "acc_bytes";

    /// <summary>
    /// Probability of the chosen answer among the choices; and how far such probabilities are from the shares of right answers.
    /// </summary>
    public const string Confidence = "confidence",
        CalibrationError = "ece",
        DebiasedCalibrationError = "ece_debiased";

    /// <summary>
    /// acc takes the highest log-likelihood, the first of equal ones; acc_norm divides by the choice's characters (code points, without the
    /// space before it), acc_bytes by its UTF-8 bytes, so that short choices have no advantage.
    /// </summary>
    /// <param name="logLikelihoods">Of each choice.</param>
    /// <param name="choices">Their texts, in the same order.</param>
    /// <param name="right">Place of the right choice.</param>
    public static IReadOnlyDictionary<string, double> Score(
        IReadOnlyList<double> logLikelihoods,
        IReadOnlyList<string> choices,
        int right
    ) =>
        new Dictionary<string, double>(StringComparer.Ordinal)
        {
            [Accuracy] = Highest(logLikelihoods) == right ? 1 : 0,
            [NormalisedAccuracy] =
                Highest([.. logLikelihoods.Zip(choices, (value, choice) => value / Math.Max(1, CodePoints(choice)))]) == right ? 1 : 0,
            [Confidence] = ConfidenceOf(logLikelihoods),
            [ByteAccuracy] =
                Highest([.. logLikelihoods.Zip(choices, (value, choice) => value / Math.Max(1, Encoding.UTF8.GetByteCount(choice)))])
                == right
                    ? 1
                    : 0,
        };

    /// <summary>Softmax of the highest: what the model would bet on its choice, if it had to choose.</summary>
    public static double ConfidenceOf(IReadOnlyList<double> logLikelihoods)
    {
        var highest = logLikelihoods.Max();
        return 1 / logLikelihoods.Sum(value => Math.Exp(value - highest));
    }

    /// <summary>Place of the first maximum.</summary>
    public static int Highest(IReadOnlyList<double> values)
    {
        var best = 0;
        for (var i = 1; i < values.Count; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }

    private static int CodePoints(string text) => text.EnumerateRunes().Count();
}
