using WebTrainer.Statistics;

namespace WebTrainer.Drift;

/// <summary>
/// How rare a figure is among those of all ways to choose as many rows as the window has from reference and window together. Exact
/// whatever the rows are; it only takes it that without a change any choice is as likely as another.
/// </summary>
/// <remarks>
/// Ends as soon as the figure was reached so often that the window is surely quiet (Besag and Clifford, Biometrika 78, 1991): then p is
/// reached / drawn, else (reached + 1) / (drawn + 1). Both are valid.
/// </remarks>
public static class PermutationTest
{
    /// <summary>Times that the figure is reached before the draws end.</summary>
    public const int Enough = 20;

    /// <param name="rows">Rows of both sides; those of the reference come first.</param>
    /// <param name="chosen">Rows of the window, the last ones; 1 to one less than all.</param>
    /// <param name="figure">Gets numbers of rows in no order; larger is farther from no change.</param>
    /// <param name="draws">Most draws, at least 1; p is at least 1 / (draws + 1).</param>
    /// <param name="seed">The same seed gives the same p.</param>
    /// <returns>The window's own figure as statistic.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static TestResult Test(int rows, int chosen, Func<int[], double> figure, int draws, long seed)
    {
        ArgumentNullException.ThrowIfNull(figure);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(draws);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chosen);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chosen, rows);
        var own = figure([.. Enumerable.Range(rows - chosen, chosen)]);
        var random = SplitMix.Of(seed, rows);
        int[] order = [.. Enumerable.Range(0, rows)];
        var choice = new int[chosen];
        // Sums of the same numbers in another order differ in their last digits.
        var reach = own - (1e-12 * Math.Abs(own));
        var reached = 0;
        for (var draw = 1; draw <= draws; draw++)
        {
            Choose(order, choice, ref random);
            reached += figure(choice) >= reach ? 1 : 0;
            if (reached == Enough)
            {
                return new(own, (double)reached / draw);
            }
        }

        return new(own, (reached + 1.0) / (draws + 1));
    }

    /// <summary>The beginning of a Fisher-Yates shuffle: each choice is as likely, from whatever order.</summary>
    private static void Choose(int[] order, int[] choice, ref SplitMix random)
    {
        for (var i = 0; i < choice.Length; i++)
        {
            var j = i + random.Below(order.Length - i);
            (order[i], order[j]) = (order[j], order[i]);
            choice[i] = order[i];
        }
    }
}
