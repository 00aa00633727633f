namespace WebTrainer.Drift;

/// <summary>
/// Logistic regression with a penalty: minimises <c>Σ wᵢ·ln(1 + exp(−yᵢ(w·xᵢ + b))) + λ/2·|w|²</c>, where the weights of both classes sum
/// to 1/2 each,
/// so that the rarer counts as much. By Nesterov's accelerated gradient, always from 0, so that the same rows give the same.
/// </summary>
internal sealed class LogisticRegression
{
    private const int MostSteps = 300;
    private const double SmallGradient = 1e-5;
    private readonly float[] _weights;
    private readonly double _bias;

    private LogisticRegression(float[] weights, double bias) => (_weights, _bias) = (weights, bias);

    /// <summary>Of a vector: above 0 where the window is the likelier.</summary>
    public double Score(float[] vector) => VectorRows.Dot(_weights, vector) + _bias;

    /// <param name="rows">Vectors of one length, of both classes.</param>
    /// <param name="isCurrent">Of each, whether it is of the window.</param>
    /// <param name="penalty">λ, above 0.</param>
    public static LogisticRegression Fit(IReadOnlyList<float[]> rows, bool[] isCurrent, double penalty)
    {
        var windows = isCurrent.Count(current => current);
        var (ofCurrent, ofReference) = (0.5 / windows, 0.5 / (rows.Count - windows));
        var rate = 1 / ((0.25 * (1 + rows.Max(row => VectorRows.Dot(row, row)))) + penalty);
        var (weights, bias) = (new float[rows[0].Length], 0.0);
        var (ahead, aheadBias, momentum) = ((float[])weights.Clone(), 0.0, 1.0);
        for (var step = 0; step < MostSteps; step++)
        {
            var (gradient, biasGradient) = Gradient(rows, isCurrent, ofCurrent, ofReference, penalty, ahead, aheadBias);
            if (Math.Sqrt(VectorRows.Dot(gradient, gradient) + (biasGradient * biasGradient)) < SmallGradient)
            {
                break;
            }

            float[] next = [.. ahead.Zip(gradient, (w, g) => (float)(w - (rate * g)))];
            var nextBias = aheadBias - (rate * biasGradient);
            var grown = (1 + Math.Sqrt(1 + (4 * momentum * momentum))) / 2;
            var push = (momentum - 1) / grown;
            ahead = [.. next.Zip(weights, (now, before) => (float)(now + (push * (now - before))))];
            aheadBias = nextBias + (push * (nextBias - bias));
            (weights, bias, momentum) = (next, nextBias, grown);
        }

        return new(weights, bias);
    }

    private static (float[] Gradient, double Bias) Gradient(
        IReadOnlyList<float[]> rows,
        bool[] isCurrent,
        double ofCurrent,
        double ofReference,
        double penalty,
        float[] weights,
        double bias
    )
    {
        float[] gradient = [.. weights.Select(w => (float)(penalty * w))];
        var biasGradient = 0.0;
        for (var i = 0; i < rows.Count; i++)
        {
            var chance = 1 / (1 + Math.Exp(-(VectorRows.Dot(weights, rows[i]) + bias)));
            var pull = isCurrent[i] ? ofCurrent * (chance - 1) : ofReference * chance;
            VectorRows.AddScaled(gradient, rows[i], (float)pull);
            biasGradient += pull;
        }

        return (gradient, biasGradient);
    }
}
