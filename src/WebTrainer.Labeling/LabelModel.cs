namespace WebTrainer.Labeling;

/// <summary>
/// Combines rules of thumb into probabilities without knowing the truth, from how often they agree: matrix completion of Ratner, Hancock,
/// Dunnmon, Sala, Pandey and Ré 2019 (arXiv:1810.02840). With <c>μ = P(λⱼ = l | Y = y)</c>, votes that are independent given the truth
/// fulfil
/// <c>O = μ P μᵀ</c> off the blocks of one rule, and <c>μ P 1 = diag O</c>; μ is found by gradient descent on both squared differences.
/// </summary>
public sealed class LabelModel
{
    /// <summary>The vote of a function that says nothing of a row.</summary>
    public const int Abstain = -1;

    /// <summary>How right a rule is thought to be before anything is known; breaks the symmetry of the labels.</summary>
    private const double InitialPrecision = 0.7;
    private const double InitialScale = 0.7;
    private const double Rate = 0.01;
    private const double Momentum = 0.9;
    private const int Epochs = 1000;
    private const double StopGradient = 1e-7;
    private readonly double[][] _mu;
    private readonly double[] _balance;

    private LabelModel(double[][] mu, double[] balance, int functions) => (_mu, _balance, Functions) = (mu, balance, functions);

    /// <summary>Functions that it was fitted to; rows must have as many votes.</summary>
    public int Functions { get; }

    /// <param name="votes">Of each row the label that each function gives, from 0, or <see cref="Abstain"/>.</param>
    /// <param name="balance">How frequent each label is; sums to 1.</param>
    /// <exception cref="ArgumentException">There are no rows, or their votes fit no label.</exception>
    public static LabelModel Fit(IReadOnlyList<int[]> votes, IReadOnlyList<double> balance)
    {
        ArgumentNullException.ThrowIfNull(votes);
        ArgumentNullException.ThrowIfNull(balance);
        if (votes.Count == 0)
        {
            throw new ArgumentException("A label model needs rows.", nameof(votes));
        }

        var (functions, labels) = (votes[0].Length, balance.Count);
        if (votes.Any(v => v.Length != functions || v.Any(l => l < Abstain || l >= labels)))
        {
            throw new ArgumentException("A vote fits no label, or a row lacks votes.", nameof(votes));
        }

        double[] shares = [.. balance];
        var overlaps = Overlaps(votes, functions, labels);
        var mu = Initial(overlaps, functions, labels, shares);
        var speed = mu.Select(row => new double[row.Length]).ToArray();
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var gradient = Gradient(overlaps, mu, shares, labels);
            for (var a = 0; a < mu.Length; a++)
            {
                for (var y = 0; y < labels; y++)
                {
                    mu[a][y] -= Rate * (speed[a][y] = (Momentum * speed[a][y]) + gradient[a][y]);
                }
            }

            if (gradient.Max(row => row.Max(Math.Abs)) < StopGradient)
            {
                break;
            }
        }

        var least = Math.Min(0.01, 1 / Math.Pow(10, Math.Ceiling(Math.Log10(votes.Count))));
        return new([.. mu.Select(row => row.Select(value => Math.Clamp(value, least, 1 - least)).ToArray())], shares, functions);
    }

    /// <summary>Of each label its probability, <c>P(y | λ) ∝ P(y) Πⱼ μⱼ</c> over those that vote; the balance where all abstain.</summary>
    public double[] Predict(int[] votes)
    {
        ArgumentNullException.ThrowIfNull(votes);
        var labels = _balance.Length;
        var logs = _balance.Select(share => Math.Log(share)).ToArray();
        for (var function = 0; function < votes.Length; function++)
        {
            if (votes[function] == Abstain)
            {
                continue;
            }

            for (var y = 0; y < labels; y++)
            {
                logs[y] += Math.Log(_mu[(function * labels) + votes[function]][y]);
            }
        }

        var highest = logs.Max();
        var weights = logs.Select(log => Math.Exp(log - highest)).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }

    /// <summary>How often a function is right when it votes, as far as the model can tell.</summary>
    public double Accuracy(int function)
    {
        var labels = _balance.Length;
        double right = 0,
            all = 0;
        for (var y = 0; y < labels; y++)
        {
            for (var l = 0; l < labels; l++)
            {
                all += _balance[y] * _mu[(function * labels) + l][y];
            }

            right += _balance[y] * _mu[(function * labels) + y][y];
        }

        return all == 0 ? 0 : right / all;
    }

    private static double[][] Overlaps(IReadOnlyList<int[]> votes, int functions, int labels)
    {
        var size = functions * labels;
        var table = Enumerable.Range(0, size).Select(_ => new double[size]).ToArray();
        foreach (var row in votes)
        {
            for (var i = 0; i < functions; i++)
            {
                if (row[i] == Abstain)
                {
                    continue;
                }

                for (var j = 0; j < functions; j++)
                {
                    if (row[j] != Abstain)
                    {
                        table[(i * labels) + row[i]][(j * labels) + row[j]] += 1.0 / votes.Count;
                    }
                }
            }
        }

        return table;
    }

    private static double[][] Initial(double[][] overlaps, int functions, int labels, double[] balance)
    {
        var mu = Enumerable.Range(0, functions * labels).Select(_ => new double[labels]).ToArray();
        for (var a = 0; a < mu.Length; a++)
        {
            var y = a % labels;
            mu[a][y] = InitialScale * Math.Clamp(overlaps[a][a] * InitialPrecision / balance[y], 0, 1);
        }

        return mu;
    }

    private static double[][] Gradient(double[][] overlaps, double[][] mu, double[] balance, int labels)
    {
        var gradient = mu.Select(row => new double[row.Length]).ToArray();
        for (var a = 0; a < mu.Length; a++)
        {
            double marginal = 0;
            for (var y = 0; y < labels; y++)
            {
                marginal += mu[a][y] * balance[y];
            }

            for (var y = 0; y < labels; y++)
            {
                gradient[a][y] += 2 * (marginal - overlaps[a][a]) * balance[y];
            }

            for (var b = 0; b < mu.Length; b++)
            {
                if (a / labels == b / labels)
                {
                    continue;
                }

                double product = 0;
                for (var y = 0; y < labels; y++)
                {
                    product += mu[a][y] * balance[y] * mu[b][y];
                }

                var difference = overlaps[a][b] - product;
                for (var y = 0; y < labels; y++)
                {
                    gradient[a][y] -= 4 * difference * mu[b][y] * balance[y];
                }
            }
        }

        return gradient;
    }
}
