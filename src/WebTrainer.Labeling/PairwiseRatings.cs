using System.Runtime.InteropServices;
using MathNet.Numerics.LinearAlgebra;

namespace WebTrainer.Labeling;

/// <summary>One comparison of two players.</summary>
/// <param name="First">Number of a player, from 0.</param>
/// <param name="Second">Number of the other player.</param>
/// <param name="Score">What the first got: 1 won, 0 lost, 0.5 a tie.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Battle(int First, int Second, double Score);

/// <summary>A player's rating on the scale of Elo (400 points are ten to one), with its 95 % interval.</summary>
public sealed record PlayerRating(int Player, double Rating, double Low, double High);

/// <summary>
/// Strength from comparisons: <c>P(i beats j) = 1 / (1 + 10^((rⱼ − rᵢ) / 400))</c> (Bradley and Terry 1952, Biometrika 39), found by
/// Newton's method on the likelihood; ties count half for both. Ratings have the mean 1000.
/// </summary>
public static class BradleyTerry
{
    private const double Scale = 400;
    private const double Mean = 1000;
    private const int Rounds = 100;
    private const double Tolerance = 1e-10;

    /// <summary>
    /// Keeps the strength of somebody who won or lost everything finite: a hundredth of a tie against everybody they met.
    /// </summary>
    private const double Prior = 0.01;
    private const int Draws = 200;

    /// <returns>The rating of each player; NaN for one who met nobody.</returns>
    public static double[] Fit(IReadOnlyList<Battle> battles, int players)
    {
        ArgumentNullException.ThrowIfNull(battles);
        return Fit(Wins(battles, players));
    }

    /// <summary>Ratings with 95 % percentile intervals from a bootstrap over comparisons.</summary>
    public static IReadOnlyList<PlayerRating> FitWithIntervals(IReadOnlyList<Battle> battles, int players, int seed)
    {
        ArgumentNullException.ThrowIfNull(battles);
        var ratings = Fit(battles, players);
        var random = new Random(seed);
        var draws = Enumerable
            .Range(0, battles.Count == 0 ? 0 : Draws)
            .Select(_ => Fit([.. battles.Select(_ => battles[random.Next(battles.Count)])], players))
            .ToList();
        return
        [
            .. ratings.Select(
                (rating, player) =>
                {
                    var values = draws.Select(d => d[player]).Where(double.IsFinite).Order().ToList();
                    return values.Count == 0
                        ? new PlayerRating(player, rating, double.NaN, double.NaN)
                        : new PlayerRating(
                            player,
                            rating,
                            values[(int)(0.025 * (values.Count - 1))],
                            values[(int)Math.Ceiling(0.975 * (values.Count - 1))]
                        );
                }
            ),
        ];
    }

    /// <summary>
    /// About how many more comparisons of two neighbours in the order make it sure: the difference d of their strengths is known to within
    /// 1.96 / √(n·p·(1−p)) nats after n comparisons.
    /// </summary>
    /// <param name="first">Rating on the scale of Elo.</param>
    /// <param name="second">Rating on the scale of Elo.</param>
    /// <param name="between">Comparisons that the two have already.</param>
    /// <returns>0 where it is sure by now; null where the two are equal as far as one can tell.</returns>
    public static int? VotesUntilSure(double first, double second, int between)
    {
        var difference = Math.Abs(first - second) * Math.Log(10) / Scale;
        if (!(difference > 1e-6))
        {
            return null;
        }

        var p = 1 / (1 + Math.Exp(-difference));
        var needed = Math.Ceiling(Math.Pow(1.96 / difference, 2) / (p * (1 - p)));
        return needed > int.MaxValue ? null : (int)Math.Max(0, needed - between);
    }

    private static double[,] Wins(IReadOnlyList<Battle> battles, int players)
    {
        var wins = new double[players, players];
        foreach (var (first, second, score) in battles)
        {
            wins[first, second] += score;
            wins[second, first] += 1 - score;
        }

        return wins;
    }

    private static double[] Fit(double[,] wins)
    {
        var size = wins.GetLength(0);
        var met = Enumerable.Range(0, size).Where(i => Enumerable.Range(0, size).Any(j => wins[i, j] + wins[j, i] > 0)).ToArray();
        var strength = new double[met.Length];
        for (var round = 0; round < Rounds; round++)
        {
            var step = Step(wins, met, strength);
            for (var i = 0; i < strength.Length; i++)
            {
                strength[i] += step[i];
            }

            if (step.Select(Math.Abs).DefaultIfEmpty().Max() < Tolerance)
            {
                break;
            }
        }

        var mean = strength.DefaultIfEmpty().Average();
        var ratings = Enumerable.Repeat(double.NaN, size).ToArray();
        foreach (var (place, player) in met.Index())
        {
            ratings[player] = Mean + ((strength[place] - mean) * Scale / Math.Log(10));
        }

        return ratings;
    }

    /// <summary>Newton's step H⁻¹g, the sum of strengths held at 0 by adding 1 to every entry of H.</summary>
    private static double[] Step(double[,] wins, int[] met, double[] strength)
    {
        var size = met.Length;
        if (size == 0)
        {
            return [];
        }

        var gradient = Vector<double>.Build.Dense(size);
        var hessian = Matrix<double>.Build.Dense(size, size, 1);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                var (won, lost) = (wins[met[i], met[j]], wins[met[j], met[i]]);
                if (i == j || won + lost == 0)
                {
                    continue;
                }

                var games = won + lost + (IsOneSided(won, lost) ? Prior : 0);
                var p = 1 / (1 + Math.Exp(strength[j] - strength[i]));
                gradient[i] += won + (IsOneSided(won, lost) ? Prior / 2 : 0) - (games * p);
                hessian[i, i] += games * p * (1 - p);
                hessian[i, j] -= games * p * (1 - p);
            }
        }

        // A full step may overshoot far from the optimum; half a decade of odds at most is safe and soon enough.
        return [.. hessian.Solve(gradient).Select(s => Math.Clamp(s, -2, 2))];
    }

    private static bool IsOneSided(double won, double lost) => won == 0 || lost == 0;
}

/// <summary>
/// Ratings that follow the comparisons in their order: <c>r += k · (score − expected)</c> (Elo 1978, The Rating of Chessplayers).
/// </summary>
public static class Elo
{
    /// <param name="battles">In the order in which they were fought, which counts.</param>
    /// <param name="players">How many there are; battles name them from 0.</param>
    /// <param name="k">Points that one comparison can move.</param>
    /// <param name="start">Rating of everybody before the first battle.</param>
    public static double[] Rate(IEnumerable<Battle> battles, int players, double k = 4, double start = 1000)
    {
        ArgumentNullException.ThrowIfNull(battles);
        var ratings = Enumerable.Repeat(start, players).ToArray();
        foreach (var (first, second, score) in battles)
        {
            var expected = 1 / (1 + Math.Pow(10, (ratings[second] - ratings[first]) / 400));
            ratings[first] += k * (score - expected);
            ratings[second] += k * (expected - score);
        }

        return ratings;
    }
}
