using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>
/// Muon (K. Jordan, 2024): momentum whose update is made orthogonal, <c>m ← βm + g</c>, <c>w ← w - η(0.2·√max(out, in)·UVᵀ + λw)</c>,
/// where <c>g + βm = UΣVᵀ</c>. The factor gives the update the size of AdamW's, so both share a learning rate (arXiv:2502.16982).
/// For the matrices inside a decoder that is trained whole; it needs fewer tokens than AdamW there.
/// </summary>
public sealed class Muon : IOptimizer
{
    private const double UpdateSize = 0.2;
    private const int Iterations = 5;

    // Coefficients of the quintic that brings singular values near 1 in five rounds (K. Jordan, 2024).
    private const double A = 3.4445,
        B = -4.7750,
        C = 2.0315;

    private readonly IReadOnlyList<TrainedParameter> _matrices;
    private readonly MuonSettings _settings;
    private readonly Dictionary<string, Tensor> _state = [];

    /// <param name="matrices">Weights of two dimensions.</param>
    /// <param name="settings">The same for all matrices.</param>
    public Muon(IReadOnlyList<TrainedParameter> matrices, MuonSettings settings)
    {
        _matrices = matrices;
        _settings = settings;
        foreach (var (name, tensor, _) in matrices)
        {
            _state[StateName(name)] = zeros_like(tensor, requires_grad: false).DetachFromDisposeScope();
        }
    }

    /// <summary>The momentum of every matrix, shaped as it is.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <inheritdoc/>
    public int Updates { get; private set; }

    /// <inheritdoc/>
    public void Step(double learningRate)
    {
        using var _ = no_grad();
        Updates++;
        foreach (var (name, weight, decays) in _matrices)
        {
            if (weight.grad is not { } gradient)
            {
                continue;
            }

            using var scope = NewDisposeScope();
            var momentum = _state[StateName(name)].TimesInPlace(_settings.Momentum).PlusInPlace(gradient);
            var direction = Orthogonal(gradient + (momentum * _settings.Momentum)); // Nesterov's look ahead
            weight.TimesInPlace(1 - (decays ? learningRate * _settings.WeightDecay : 0));
            weight.PlusInPlace(direction, -learningRate * UpdateSize * Math.Sqrt(Math.Max(weight.shape[0], weight.shape[1])));
        }
    }

    /// <inheritdoc/>
    public void Restore(IReadOnlyDictionary<string, Tensor> state, int updates)
    {
        using var _ = no_grad();
        foreach (var (name, tensor) in _state)
        {
            tensor.copy_(state[name]);
        }

        Updates = updates;
    }

    /// <summary>
    /// The orthogonal factor <c>UVᵀ</c> of <c>UΣVᵀ</c>, roughly: singular values end between 0.7 and 1.2 (Newton-Schulz).
    /// </summary>
    /// <param name="matrix"><c>[rows, columns]</c>.</param>
    /// <returns><c>[rows, columns]</c>, of the same type.</returns>
    internal static Tensor Orthogonal(Tensor matrix)
    {
        var tall = matrix.shape[0] > matrix.shape[1];
        var x = (tall ? matrix.t() : matrix).to(ScalarType.BFloat16);
        x = x / (x.norm() + 1e-7);
        for (var round = 0; round < Iterations; round++)
        {
            var square = x.matmul(x.t()); // [short, short]
            var polynomial = (square * B) + (square.matmul(square) * C);
            x = (x * A) + polynomial.matmul(x);
        }

        return (tall ? x.t() : x).to(matrix.dtype);
    }

    private static string StateName(string name) => name + ".momentum";
}

/// <summary>Constants of Muon; how the update is scaled is fixed.</summary>
/// <param name="WeightDecay">λ, how much of a weight goes at each update, times the learning rate.</param>
/// <param name="Momentum">β, 0 to below 1.</param>
public sealed record MuonSettings(double WeightDecay, double Momentum = 0.95);
