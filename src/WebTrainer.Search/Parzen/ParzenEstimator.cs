using WebTrainer.Search.Samplers;

namespace WebTrainer.Search.Parzen;

/// <summary>Density of some parameters together: a mixture of products of kernels, the prior among them.</summary>
internal sealed class ParzenEstimator
{
    /// <summary>So many of the newest observations count in full; older ones less and less.</summary>
    private const int FullWeight = 25;
    private const double WidthOfOne = 0.2;

    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly Axis[] _axes;
    private readonly double[] _weights;

    /// <param name="parameters">Those that each observation has a value of.</param>
    /// <param name="observed">Observations, oldest first.</param>
    public ParzenEstimator(IReadOnlyList<Parameter> parameters, IReadOnlyList<IReadOnlyDictionary<string, double>> observed)
    {
        _parameters = parameters;
        double? bandwidth = parameters.Count > 1 ? WidthOfOne * Math.Pow(Math.Max(observed.Count, 1), -1.0 / (parameters.Count + 4)) : null;
        _axes = [.. parameters.Select(p => Axis.Of(p, [.. observed.Select(point => point[p.Name])], bandwidth))];
        var weights = Enumerable.Range(0, observed.Count).Select(age => WeightOf(age, observed.Count)).Append(1.0).ToArray();
        _weights = [.. weights.Select(w => w / weights.Sum())];
    }

    /// <returns>A value a parameter.</returns>
    public double[] Sample(Draw draw)
    {
        var (kernel, left) = (0, draw.Uniform() - _weights[0]);
        while (left > 0 && kernel < _weights.Length - 1)
        {
            left -= _weights[++kernel];
        }

        return [.. _axes.Select(axis => axis.Sample(kernel, draw))];
    }

    public double LogDensity(double[] values)
    {
        var (logs, highest) = (new double[_weights.Length], double.NegativeInfinity);
        for (var kernel = 0; kernel < logs.Length; kernel++)
        {
            logs[kernel] = Math.Log(_weights[kernel]);
            for (var axis = 0; axis < _parameters.Count; axis++)
            {
                logs[kernel] += _axes[axis].LogDensity(kernel, values[axis]);
            }

            highest = Math.Max(highest, logs[kernel]);
        }

        return highest + Math.Log(logs.Sum(log => Math.Exp(log - highest)));
    }

    // Rises from 1/count to 1 until the newest ones.
    private static double WeightOf(int age, int count) =>
        age >= count - FullWeight || count - FullWeight < 2 ? 1 : 1.0 / count + (1 - 1.0 / count) * age / (count - FullWeight - 1);
}
