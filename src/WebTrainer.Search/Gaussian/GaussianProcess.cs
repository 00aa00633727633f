using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace WebTrainer.Search.Gaussian;

/// <summary>A Gaussian process with mean 0 that has seen some values (Rasmussen and Williams, algorithm 2.1).</summary>
public sealed class GaussianProcess
{
    private readonly double[][] _points;
    private readonly Cholesky<double> _factor;
    private readonly Vector<double> _weights;

    /// <param name="kernel">With as many lengths as the points have axes.</param>
    /// <param name="noise">Variance of the values' noise, σₙ².</param>
    /// <param name="points">Where the values were seen.</param>
    /// <param name="values">One a point, of a function whose mean is 0.</param>
    public GaussianProcess(MaternKernel kernel, double noise, IReadOnlyList<double[]> points, IReadOnlyList<double> values)
    {
        Kernel = kernel;
        Noise = noise;
        _points = [.. points];
        var targets = Vector<double>.Build.DenseOfEnumerable(values);
        _factor = Matrix<double>
            .Build.Dense(_points.Length, _points.Length, (i, j) => kernel.Of(_points[i], _points[j]) + (i == j ? noise : 0))
            .Cholesky();
        _weights = _factor.Solve(targets);
        LogLikelihood = -0.5 * targets.DotProduct(_weights) - 0.5 * _factor.DeterminantLn - 0.5 * _points.Length * Math.Log(2 * Math.PI);
    }

    /// <summary>How much two points have to do with each other; fixed for this process.</summary>
    public MaternKernel Kernel { get; }

    /// <summary>Variance of the values' noise, σₙ², which is added to the kernel's diagonal.</summary>
    public double Noise { get; }

    /// <summary>Of the values, given kernel and noise: <c>−½·yᵀK⁻¹y − ½·ln|K| − n/2·ln 2π</c>.</summary>
    public double LogLikelihood { get; }

    /// <summary>Mean and standard deviation of the function, without noise, at a point.</summary>
    public (double Mean, double Deviation) Predict(double[] point)
    {
        var covariances = Vector<double>.Build.Dense(_points.Length, i => Kernel.Of(_points[i], point));
        var explained = covariances.DotProduct(_factor.Solve(covariances));
        return (covariances.DotProduct(_weights), Math.Sqrt(Math.Max(0, Kernel.Of(point, point) - explained)));
    }

    /// <summary>Derivatives of <see cref="LogLikelihood"/> by ln ℓ of each axis, ln σ² and ln σₙ²: <c>½·tr((wwᵀ − K⁻¹)·∂K)</c>.</summary>
    public double[] LikelihoodGradient()
    {
        var count = _points.Length;
        var inverse = _factor.Solve(Matrix<double>.Build.DenseIdentity(count));
        var axes = Kernel.Lengths.Count;
        var gradient = new double[axes + 2];
        for (var i = 0; i < count; i++)
        {
            var own = 0.5 * (_weights[i] * _weights[i] - inverse[i, i]);
            gradient[axes] += own * Kernel.Variance;
            gradient[axes + 1] += own * Noise;
            for (var j = 0; j < i; j++)
            {
                var factor = _weights[i] * _weights[j] - inverse[i, j];
                gradient[axes] += factor * Kernel.AddDerivatives(_points[i], _points[j], factor, gradient);
            }
        }

        return gradient;
    }
}
