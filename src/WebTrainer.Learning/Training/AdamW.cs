using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>A weight that an optimiser changes by its gradient.</summary>
/// <param name="Name">Unique among those of an optimiser; its state goes by it.</param>
/// <param name="Tensor">A leaf with gradient, float32 as a rule.</param>
/// <param name="Decays">Matrices are pulled towards zero; gains are not.</param>
public sealed record TrainedParameter(string Name, Tensor Tensor, bool Decays)
{
    /// <summary>Its learning rate is the step's times this.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>A weight that decays if it has at least two dimensions, as in most recipes: gains and offsets don't.</summary>
    public static TrainedParameter Of(string name, Tensor tensor) => new(name, tensor, Decays: tensor.dim() > 1);

    /// <summary>All weights of a model, which begin to learn.</summary>
    public static List<TrainedParameter> All(IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (var tensor in weights.Values)
        {
            tensor.requires_grad = true;
        }

        return [.. weights.Select(pair => Of(pair.Key, pair.Value))];
    }
}

/// <summary>
/// Adam with decoupled weight decay (arXiv:1711.05101): <c>m ← β₁m + (1-β₁)g</c>, <c>v ← β₂v + (1-β₂)g²</c>,
/// <c>w ← w - η(m̂/(√v̂ + ε) + λw)</c>. Written out here so that all of its state can be stored and restored bit for bit.
/// </summary>
public sealed class AdamW : IOptimizer
{
    private readonly IReadOnlyList<TrainedParameter> _parameters;
    private readonly AdamWSettings _settings;
    private readonly Dictionary<string, Tensor> _state = [];

    /// <summary>Begins with moments of zero, shaped and placed as the weights.</summary>
    /// <param name="parameters">With names that differ.</param>
    /// <param name="settings">The same for all weights.</param>
    public AdamW(IReadOnlyList<TrainedParameter> parameters, AdamWSettings settings)
    {
        _parameters = parameters;
        _settings = settings;
        foreach (var (name, tensor, _) in parameters)
        {
            _state[First(name)] = zeros_like(tensor, requires_grad: false).DetachFromDisposeScope();
            _state[Second(name)] = zeros_like(tensor, requires_grad: false).DetachFromDisposeScope();
        }
    }

    /// <summary>Both moments of every parameter, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <inheritdoc/>
    public int Updates { get; private set; }

    /// <inheritdoc/>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Updates++;
        var correction1 = 1 - Math.Pow(_settings.Beta1, Updates);
        var correction2 = 1 - Math.Pow(_settings.Beta2, Updates);
        foreach (var parameter in _parameters)
        {
            var (name, weight, decays) = parameter;
            var rate = learningRate * parameter.Rate;
            if (weight.grad is not { } gradient)
            {
                continue;
            }

            if (AdamWKernel.Fits(weight, gradient))
            {
                var decay = decays ? (float)(1 - (rate * _settings.WeightDecay)) : 1;
                AdamWKernel.Step(
                    weight,
                    gradient,
                    (_state[First(name)], _state[Second(name)]),
                    ((float)_settings.Beta1, (float)_settings.Beta2, (float)_settings.Epsilon),
                    decay,
                    (float)(rate / correction1),
                    (float)(1 / Math.Sqrt(correction2))
                );
                continue;
            }

            if (decays && _settings.WeightDecay > 0)
            {
                weight.TimesInPlace(1 - (rate * _settings.WeightDecay));
            }

            var (m, v) = (_state[First(name)], _state[Second(name)]);
            m.TimesInPlace(_settings.Beta1).PlusInPlace(gradient, 1 - _settings.Beta1);
            v.TimesInPlace(_settings.Beta2).PlusProductInPlace(gradient, gradient, 1 - _settings.Beta2);
            var scale = v.sqrt().TimesInPlace(1 / Math.Sqrt(correction2)).PlusInPlace(_settings.Epsilon);
            weight.PlusQuotientInPlace(m, scale, -rate / correction1);
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

    private static string First(string name) => name + ".m";

    private static string Second(string name) => name + ".v";
}

/// <summary>Constants of AdamW; those of Adam's paper (arXiv:1412.6980) where nothing is said.</summary>
/// <param name="WeightDecay">λ, how much of a weight goes at each update, times the learning rate.</param>
/// <param name="Beta1">β₁, memory of the mean of gradients, 0 to below 1.</param>
/// <param name="Beta2">β₂, memory of their squares, 0 to below 1.</param>
/// <param name="Epsilon">ε, added to the root of the second moment.</param>
public sealed record AdamWSettings(double WeightDecay, double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8);
