namespace WebTrainer.Scoring.Scorers;

/// <summary>
/// chrF2 (Popović 2015): n-grams of 1 to 6 characters without white space, recall weighing four times as much as precision. Works for
/// any script. Conventions of sacrebleu: orders that a side is too short for are left out.
/// </summary>
public static class ChrF
{
    private const int Orders = 6;
    private const double BetaSquared = 4;

    /// <returns>0 to 1 (sacrebleu prints it times 100).</returns>
    public static double Score(string answer, string expected) => Score([(answer, expected)]);

    /// <summary>Of many answers together: n-grams are counted over all before they are compared.</summary>
    /// <returns>0 to 1.</returns>
    public static double Score(IEnumerable<(string Answer, string Expected)> pairs)
    {
        var (common, given, right) = (new long[Orders], new long[Orders], new long[Orders]);
        foreach (var (answer, expected) in pairs)
        {
            var (a, b) = (Characters(answer), Characters(expected));
            for (var n = 1; n <= Orders; n++)
            {
                var (gramsA, gramsB) = (Grams(a, n), Grams(b, n));
                common[n - 1] += gramsA.Sum(gram => (long)Math.Min(gram.Value, gramsB.GetValueOrDefault(gram.Key)));
                given[n - 1] += Math.Max(0, a.Length - n + 1);
                right[n - 1] += Math.Max(0, b.Length - n + 1);
            }
        }

        var orders = Enumerable.Range(0, Orders).Where(n => given[n] > 0 && right[n] > 0).ToList();
        if (orders.Count == 0)
        {
            return 0;
        }

        var precision = orders.Average(n => (double)common[n] / given[n]);
        var recall = orders.Average(n => (double)common[n] / right[n]);
        return precision + recall == 0 ? 0 : (1 + BetaSquared) * precision * recall / (BetaSquared * precision + recall);
    }

    /// <summary>Code points, so that no character is cut.</summary>
    private static string[] Characters(string text) =>
        [.. text.EnumerateRunes().Where(rune => !System.Text.Rune.IsWhiteSpace(rune)).Select(rune => rune.ToString())];

    private static Dictionary<string, int> Grams(string[] characters, int n) =>
        Enumerable.Range(0, Math.Max(0, characters.Length - n + 1)).CountBy(i => string.Concat(characters.Skip(i).Take(n))).ToDictionary();
}
