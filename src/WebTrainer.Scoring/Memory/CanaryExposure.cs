namespace WebTrainer.Scoring.Memory;

/// <summary>
/// Whether a model has learned single rows by heart: a random secret, the canary, is put among the rows, and afterwards its loss is held
/// against those of other secrets that might have been drawn (Carlini et al., "The Secret Sharer", arXiv:1802.08232).
/// </summary>
public static class CanaryExposure
{
    /// <summary>
    /// <c>log₂|R| - log₂ rank</c> (definition 2): as many bits as somebody who asks the model saves in guessing the secret. 1 on average
    /// where nothing was learned, log₂|R| where the canary is likelier than all others.
    /// </summary>
    /// <param name="canary">Its loss, in nats.</param>
    /// <param name="others">Losses of the other secrets that might have been drawn, or of a sample of them.</param>
    public static double Of(double canary, IReadOnlyCollection<double> others) =>
        Math.Log2(others.Count + 1) - Math.Log2(1 + others.Count(loss => loss <= canary));

    /// <summary>
    /// A canary in a form: digits in the place of its holes, <c>The code is ######</c>.
    /// </summary>
    /// <param name="form">With a <c>#</c> for each digit.</param>
    /// <param name="random">Draws the digits.</param>
    public static string Draw(string form, Random random) =>
        string.Concat(form.Select(letter => letter == '#' ? (char)('0' + random.Next(10)) : letter));
}
