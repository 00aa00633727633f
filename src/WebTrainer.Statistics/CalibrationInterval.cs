using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace WebTrainer.Statistics;

/// <summary>
/// What lies behind an <see cref="Calibration.ExpectedError">expected calibration error</see> that was seen. That figure adds up distances,
/// so chance alone lifts it: a perfectly calibrated model shows 6 % on 300 answers. Here models of every true error θ are asked how often
/// they would show as much, and those for which what was seen is not unusual make the interval (inversion of tests, Neyman 1937).
/// </summary>
/// <remarks>
/// A model of true error θ is one whose bins have the confidences seen and shares of right answers moved from those seen until
/// <c>Σ share of bin · |confidence - share right| = θ</c>; each bin's hits are then binomial. Coverage in simulations: docs/evaluation.md.
/// </remarks>
public sealed class CalibrationInterval
{
    /// <summary>
    /// Of 100 models with the error of the interval's end, those that show more (lower end) or less (upper end). 4 and not 2.5 for the
    /// lower: the interval of a perfectly calibrated model can fail at that end only.
    /// </summary>
    private const double Above = 0.04,
        Below = 0.02;

    /// <summary>Errors nearer to each other are the same but for rounding.</summary>
    private const double Equal = 1e-12;

    private const int Draws = 500,
        Halvings = 12,
        Seed = 6;

    private readonly Bin[] _bins;
    private readonly double _seen;
    private readonly double[][] _uniform;
    private readonly double[] _normal = new double[Draws];

    /// <param name="Count">Answers in the bin.</param>
    /// <param name="Weight">Share of all answers.</param>
    /// <param name="Confidence">Mean of them, 0 to 1.</param>
    /// <param name="Gap">Mean confidence less the share right.</param>
    /// <param name="Variance">Of one answer's being right: with one answer more, half right and half as sure, so that it is never
    /// 0.</param>
    private sealed record Bin(int Count, double Weight, double Confidence, double Gap, double Variance);

    private CalibrationInterval(IReadOnlyList<double> probabilities, IReadOnlyList<bool> outcomes, int bins)
    {
        var count = (double)probabilities.Count;
        _bins =
        [
            .. Calibration
                .Bins(probabilities, outcomes, bins)
                .Select(bin =>
                {
                    var share = ((bin.Share * bin.Count) + bin.Probability + 0.5) / (bin.Count + 2);
                    return new Bin(bin.Count, bin.Count / count, bin.Probability, bin.Probability - bin.Share, share * (1 - share));
                }),
        ];
        _seen = _bins.Sum(bin => bin.Weight * Math.Abs(bin.Gap));
        var random = new Random(Seed);
        _uniform = [.. _bins.Select(_ => Enumerable.Range(0, Draws).Select(_ => random.NextDouble()).ToArray())];
        Normal.Samples(random, _normal, 0, 1);
    }

    /// <param name="probabilities">0 to 1.</param>
    /// <param name="outcomes">Whether each was right; as many as probabilities.</param>
    /// <param name="bins">Of equal width, from 0 to 1.</param>
    /// <returns>
    /// The error without what chance adds (half of the models with it would show more than was seen, half less; 0 where a calibrated model
    /// shows as much in half of its tries), and its 95 % interval. The same input gives the same output.
    /// </returns>
    /// <exception cref="ArgumentException">There are no probabilities.</exception>
    public static (double Value, Interval Interval) Of(IReadOnlyList<double> probabilities, IReadOnlyList<bool> outcomes, int bins = 10)
    {
        if (probabilities.Count == 0)
        {
            throw new ArgumentException("There is nothing to judge.", nameof(probabilities));
        }

        var models = new CalibrationInterval(probabilities, outcomes, bins);
        // The lower end takes the error to be in few bins, the others in all alike: each is the cautious choice for its end.
        var interval = new Interval(models.Solve(Above, models.FewBins), models.Solve(1 - Below, models.AllBins));
        return (
            Math.Clamp(models.Solve(0.5, models.AllBins), interval.Low, Math.Max(interval.Low, interval.High)),
            interval with
            {
                High = Math.Max(interval.Low, interval.High),
            }
        );
    }

    /// <summary>
    /// The true error of which models show at least what was seen with the given chance; found by halving, since the chance rises with the
    /// error.
    /// </summary>
    private double Solve(double chance, Func<double, double[]> gapsOf)
    {
        if (ShowAsMuch(gapsOf(0)) >= chance)
        {
            return 0;
        }

        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = ShowAsMuch(gapsOf(middle)) >= chance ? (low, middle) : (middle, high);
        }

        return (low + high) / 2;
    }

    /// <summary>Share of tries in which a model with these gaps shows the error that was seen, or more; equal ones count half.</summary>
    private double ShowAsMuch(double[] gaps)
    {
        var hits = _bins.Zip(gaps, (bin, gap) => new BinomialTable(bin.Count, bin.Confidence - gap)).ToArray();
        // Which confidences come up is chance too: it moves the error where bins have unequal ones.
        var mean = _bins.Zip(gaps, (bin, gap) => bin.Weight * Math.Abs(gap)).Sum();
        var spread = Math.Sqrt(
            Math.Max(0, _bins.Zip(gaps, (bin, gap) => bin.Weight * gap * gap).Sum() - (mean * mean)) / _bins.Sum(bin => bin.Count)
        );
        var perHit = Array.ConvertAll(_bins, bin => bin.Weight / bin.Count);
        var expected = Array.ConvertAll(_bins, bin => bin.Weight * bin.Confidence);
        var found = 0.0;
        for (var draw = 0; draw < Draws; draw++)
        {
            var shown = spread * _normal[draw];
            for (var i = 0; i < _bins.Length; i++)
            {
                shown += Math.Abs(expected[i] - (perHit[i] * hits[i].Quantile(_uniform[i][draw])));
            }

            found +=
                shown > _seen + Equal ? 1
                : shown > _seen - Equal ? 0.5
                : 0;
        }

        return found / Draws;
    }

    /// <summary>
    /// Gaps of a model with this error that are as near as may be to those seen: all are moved, those that are surely there least.
    /// </summary>
    private double[] AllBins(double error)
    {
        double[] Moved(double step) =>
            [
                .. _bins.Select(bin =>
                    Math.Sign(bin.Gap)
                    * Math.Clamp(Math.Abs(bin.Gap) + (step * bin.Variance), 0, bin.Gap > 0 ? bin.Confidence : 1 - bin.Confidence)
                ),
            ];
        var most = 1 / _bins.Min(bin => bin.Variance);
        if (error <= _seen)
        {
            return Find(Moved, error, -most, 0);
        }
        // Where all answers are right, accuracy can't be higher than it was seen: a larger error is one of too much confidence.
        return ErrorOf(Moved(most)) >= error
            ? Find(Moved, error, 0, most)
            : Find(
                step => [.. _bins.Select(bin => Math.Clamp(bin.Gap + (step * bin.Variance), bin.Confidence - 1, bin.Confidence))],
                error,
                0,
                2 * most
            );
    }

    /// <summary>The same, leaving the error in the bins where it is surest, and taking it from the others.</summary>
    private double[] FewBins(double error)
    {
        if (error > _seen)
        {
            return AllBins(error);
        }

        double[] gaps = [.. _bins.Select(bin => bin.Gap)];
        var over = _seen - error;
        foreach (var (place, bin) in _bins.Index().OrderBy(bin => bin.Item.Gap * bin.Item.Gap * bin.Item.Count / bin.Item.Variance))
        {
            var taken = Math.Min(over, bin.Weight * Math.Abs(bin.Gap));
            gaps[place] -= Math.Sign(bin.Gap) * taken / bin.Weight;
            over -= taken;
        }

        return gaps;
    }

    private double[] Find(Func<double, double[]> gapsOf, double error, double low, double high)
    {
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = ErrorOf(gapsOf(middle)) < error ? (middle, high) : (low, middle);
        }

        return gapsOf(high);
    }

    private double ErrorOf(double[] gaps) => _bins.Zip(gaps, (bin, gap) => bin.Weight * Math.Abs(gap)).Sum();

    /// <summary>Quantiles of a binomial distribution, whose far tails are left out.</summary>
    private sealed class BinomialTable
    {
        private readonly int _first;
        private readonly double[] _cumulative;

        public BinomialTable(int trials, double chance)
        {
            chance = Math.Clamp(chance, 0, 1);
            var (mean, deviation) = (trials * chance, Math.Sqrt(trials * chance * (1 - chance)));
            _first = Math.Max(0, (int)(mean - (8 * deviation) - 10));
            _cumulative = new double[Math.Min(trials, (int)(mean + (8 * deviation) + 10)) - _first + 1];
            if (chance is 0 or 1)
            {
                Array.Fill(_cumulative, 1, (int)mean - _first, _cumulative.Length - ((int)mean - _first));
                return;
            }

            // From the middle outwards each from its neighbour: P[k + 1] = P[k] · (n - k) / (k + 1) · p / (1 - p).
            var odds = chance / (1 - chance);
            var middle = Math.Clamp((int)mean, _first, _first + _cumulative.Length - 1);
            _cumulative[middle - _first] = Math.Exp(
                SpecialFunctions.BinomialLn(trials, middle) + (middle * Math.Log(chance)) + ((trials - middle) * Math.Log(1 - chance))
            );
            for (var k = middle; k < _first + _cumulative.Length - 1; k++)
            {
                _cumulative[k + 1 - _first] = _cumulative[k - _first] * (trials - k) / (k + 1) * odds;
            }

            for (var k = middle; k > _first; k--)
            {
                _cumulative[k - 1 - _first] = _cumulative[k - _first] * k / (trials - k + 1) / odds;
            }

            for (var i = 1; i < _cumulative.Length; i++)
            {
                _cumulative[i] += _cumulative[i - 1];
            }
        }

        public int Quantile(double share)
        {
            var place = Array.BinarySearch(_cumulative, share);
            return _first + Math.Min(place < 0 ? ~place : place, _cumulative.Length - 1);
        }
    }
}
