using MathNet.Numerics;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Search.Parzen;

/// <summary>Normal kernels cut off at the ends of the parameter's scale; whole numbers have the mass of the room around them.</summary>
internal sealed class NumberAxis : Axis
{
    /// <summary>Kernels are never narrower than the range over this, or over the number of observations if that is less.</summary>
    private const int FinestShare = 100;
    private const double Tiny = 1e-300;

    private readonly Parameter _parameter;
    private readonly double[] _centres,
        _widths,
        _masses;

    public NumberAxis(Parameter parameter, double[] observed, double? bandwidth)
    {
        _parameter = parameter;
        _centres = [.. observed.Select(parameter.ToUnit), 0.5];
        var narrowest = 1.0 / Math.Min(FinestShare, 2 + observed.Length);
        var widths = bandwidth is { } width ? Enumerable.Repeat(width, _centres.Length).ToArray() : ByNeighbours(_centres);
        _widths = [.. widths.Take(observed.Length).Select(w => Math.Clamp(w, narrowest, 1)), 1];
        _masses = [.. _centres.Select((centre, k) => Below((1 - centre) / _widths[k]) - Below(-centre / _widths[k]))];
    }

    public override double Sample(int kernel, Draw draw)
    {
        // By the inverse of the cut-off distribution.
        var (centre, width) = (_centres[kernel], _widths[kernel]);
        var probability = Below(-centre / width) + draw.Uniform() * _masses[kernel];
        var unit = centre - width * Math.Sqrt(2) * SpecialFunctions.ErfcInv(Math.Clamp(2 * probability, 1e-15, 2 - 1e-15));
        return _parameter.FromUnit(Math.Clamp(unit, 0, 1));
    }

    public override double LogDensity(int kernel, double value)
    {
        var (centre, width) = (_centres[kernel], _widths[kernel]);
        if (_parameter is not IntegerParameter)
        {
            var z = (_parameter.ToUnit(value) - centre) / width;
            return -0.5 * z * z - Math.Log(width * Math.Sqrt(2 * Math.PI)) - Math.Log(_masses[kernel]);
        }

        var (low, high) = (_parameter.ToUnit(value - 0.5), _parameter.ToUnit(value + 0.5));
        return Math.Log(Math.Max(Tiny, (Below((high - centre) / width) - Below((low - centre) / width)) / _masses[kernel]));
    }

    // As wide as the farther of the two neighbours is away; the first and last look at their one neighbour.
    private static double[] ByNeighbours(double[] centres)
    {
        var order = Enumerable.Range(0, centres.Length).OrderBy(k => centres[k]).ToArray();
        var widths = new double[centres.Length];
        for (var rank = 0; rank < order.Length; rank++)
        {
            var here = centres[order[rank]];
            double? left = rank > 0 ? here - centres[order[rank - 1]] : null;
            double? right = rank < order.Length - 1 ? centres[order[rank + 1]] - here : null;
            widths[order[rank]] = order.Length < 3 ? Math.Max(here, 1 - here) : Math.Max(left ?? right!.Value, right ?? left!.Value);
        }

        return widths;
    }

    private static double Below(double z) => 0.5 * SpecialFunctions.Erfc(-z / Math.Sqrt(2));
}
