namespace WebTrainer.Learning.Privacy;

/// <summary>Collects what a backward pass leaves of each weight, until the norms of all units are known.</summary>
internal sealed class UnitRecorder : IDisposable
{
    private readonly List<IUnitGradient> _gradients = [];
    private PassUnits? _units;

    /// <summary>A pass begins: what its backward pass leaves can be kept short from now on.</summary>
    public void Begin(PassUnits units) => _units = units;

    public void Add(IUnitGradient gradient) => _gradients.Add(_units is null ? gradient : gradient.Shortened(_units));

    /// <summary>
    /// Adds to the weights' gradients <c>Σ wᵤ·gᵤ·min(1, C / ‖wᵤ·gᵤ‖)</c> over the units of the pass (DP-SGD, arXiv:1607.00133, algorithm
    /// 1), the norm taken over all weights together, and forgets the pass.
    /// </summary>
    /// <param name="units">Of the pass.</param>
    /// <param name="weights">wᵤ: what a unit's loss counts, which makes a mean of its sum.</param>
    /// <param name="clipNorm">C.</param>
    /// <returns>How many units were shortened.</returns>
    public int AddClipped(PassUnits units, IReadOnlyList<double> weights, double clipNorm)
    {
        var squares = new double[weights.Count];
        foreach (var gradient in _gradients)
        {
            gradient.AddSquares(units, squares);
        }

        var (factors, shortened) = (new float[squares.Length], 0);
        for (var unit = 0; unit < squares.Length; unit++)
        {
            var norm = weights[unit] * Math.Sqrt(squares[unit]);
            factors[unit] = (float)(norm > clipNorm ? weights[unit] * clipNorm / norm : weights[unit]);
            shortened += norm > clipNorm ? 1 : 0;
        }

        foreach (var gradient in _gradients)
        {
            gradient.AddSum(units, factors);
        }

        Clear();
        return shortened;
    }

    /// <summary>Forgets a pass that did not come to its end.</summary>
    public void Clear()
    {
        foreach (var gradient in _gradients)
        {
            gradient.Dispose();
        }

        _gradients.Clear();
        _units = null;
    }

    public void Dispose() => Clear();
}
