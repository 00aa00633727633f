namespace WebTrainer.Search.Gaussian;

/// <summary>
/// <c>k(a, b) = σ² · (1 + √5·r + 5/3·r²) · exp(−√5·r)</c> with <c>r² = Σᵢ ((aᵢ − bᵢ) / ℓᵢ)²</c>: twice differentiable functions, each axis
/// with a length of its own (Rasmussen and Williams, Gaussian Processes, 4.17 with ν = 5/2).
/// </summary>
/// <param name="Variance">σ², of the function's values.</param>
/// <param name="Lengths">ℓ, one an axis.</param>
public sealed record MaternKernel(double Variance, IReadOnlyList<double> Lengths)
{
    private static readonly double s_sqrt5 = Math.Sqrt(5);

    /// <summary>Covariance of the function at two points, at most <see cref="Variance"/>.</summary>
    /// <param name="a">As long as <see cref="Lengths"/>.</param>
    /// <param name="b">As long as <see cref="Lengths"/>.</param>
    public double Of(double[] a, double[] b)
    {
        var r = Math.Sqrt(SquaredDistance(a, b));
        return Variance * (1 + s_sqrt5 * r + 5.0 / 3 * r * r) * Math.Exp(-s_sqrt5 * r);
    }

    /// <summary>Adds the derivatives by ln ℓᵢ, times a factor: <c>5/3 · σ² · (1 + √5·r) · exp(−√5·r) · ((aᵢ − bᵢ) / ℓᵢ)²</c>.</summary>
    /// <returns>The kernel's value, which is its derivative by ln σ².</returns>
    public double AddDerivatives(double[] a, double[] b, double factor, double[] byLogLength)
    {
        var r = Math.Sqrt(SquaredDistance(a, b));
        var decay = Variance * Math.Exp(-s_sqrt5 * r);
        var common = factor * 5.0 / 3 * (1 + s_sqrt5 * r) * decay;
        for (var axis = 0; axis < a.Length; axis++)
        {
            var d = (a[axis] - b[axis]) / Lengths[axis];
            byLogLength[axis] += common * d * d;
        }

        return (1 + s_sqrt5 * r + 5.0 / 3 * r * r) * decay;
    }

    private double SquaredDistance(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var axis = 0; axis < a.Length; axis++)
        {
            var d = (a[axis] - b[axis]) / Lengths[axis];
            sum += d * d;
        }

        return sum;
    }
}
