using WebTrainer.Learning.Adapters;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>
/// What AdaLoRA (arXiv:2303.10512) adds to an optimiser. P and Q are drawn towards orthogonality, by the gradient of
/// <c>γ/n · Σ ‖PᵀP - I‖ + ‖QQᵀ - I‖</c>. Each weight has an importance |w·g|, smoothed, times its smoothed uncertainty
/// (equations 9 to 11); a singular value's is its own plus the means of its row of Q and column of P. The number of singular values
/// falls with the cube of the time left (equation 12), and the least important are set to zero.
/// </summary>
public sealed class AdaLoraOptimizer : IOptimizer
{
    internal const double Smoothing = 0.85,
        Orthogonality = 0.5;

    /// <summary>At ‖M‖ = 0 the gradient is 0, not 0 / 0.</summary>
    private const double Least = 1e-12;

    private readonly IOptimizer _inner;
    private readonly IReadOnlyDictionary<string, AdaLoraUpdate> _updates;
    private readonly AdaLoraBudget _budget;
    private readonly Dictionary<string, Tensor> _own = [];

    /// <summary>Takes the place of <paramref name="inner"/>, which does the updates.</summary>
    /// <param name="inner">Changes P, Q and λ by their gradients.</param>
    /// <param name="updates">By the name of the map.</param>
    /// <param name="budget">How many singular values may be left at each step.</param>
    public AdaLoraOptimizer(IOptimizer inner, IReadOnlyDictionary<string, AdaLoraUpdate> updates, AdaLoraBudget budget)
    {
        (_inner, _updates, _budget) = (inner, updates, budget);
        foreach (var (name, update) in updates)
        {
            foreach (var (part, tensor) in update.Tensors)
            {
                _own[Importance(name, part)] = zeros_like(tensor, requires_grad: false).DetachFromDisposeScope();
                _own[Uncertainty(name, part)] = zeros_like(tensor, requires_grad: false).DetachFromDisposeScope();
            }

            _own[Kept(name)] = ones_like(update.Singular, requires_grad: false).DetachFromDisposeScope();
        }
    }

    /// <summary>
    /// The inner optimiser's tensors, the smoothed importance and uncertainty of every weight, and for each map 1 or 0 for the singular
    /// values that stay or don't, <c>[rank, 1]</c>.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> State => _inner.State.Concat(_own).ToDictionary();

    /// <inheritdoc/>
    public int Updates => _inner.Updates;

    /// <summary>
    /// The inner optimiser's update, then importances, and where the budget asks for it the choice of singular values; those that don't
    /// stay are set to zero.
    /// </summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _inner.Step(learningRate);
        Measure();
        if (_budget.IsDue(Updates))
        {
            Allocate(_budget.At(Updates));
        }

        if (_budget.IsDue(Updates) || _budget.IsFinal(Updates))
        {
            foreach (var (name, update) in _updates)
            {
                update.Singular.mul_(_own[Kept(name)]);
            }
        }
    }

    /// <inheritdoc/>
    public void Restore(IReadOnlyDictionary<string, Tensor> state, int updates)
    {
        using var _ = no_grad();
        _inner.Restore(state, updates);
        foreach (var (name, tensor) in _own)
        {
            tensor.copy_(state[name]);
        }
    }

    /// <summary>
    /// Draws P and Q to orthogonality: for M = PᵀP - I the gradient of ‖M‖ is 2·P·M / ‖M‖. As in peft it is part of the loss, so that
    /// clipping, and the norm that is shown, count it.
    /// </summary>
    public void AddPenalties()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weight = Orthogonality / (2 * _updates.Count);
        foreach (var update in _updates.Values)
        {
            var unit = eye(update.Singular.shape[0], device: update.P.device);
            var (p, q) = (update.P.t().matmul(update.P) - unit, update.Q.matmul(update.Q.t()) - unit);
            update.P.grad?.add_(update.P.matmul(p) * (2 * weight) / p.norm().clamp_min(Least));
            update.Q.grad?.add_(q.matmul(update.Q) * (2 * weight) / q.norm().clamp_min(Least));
        }
    }

    private void Measure()
    {
        foreach (var (name, update) in _updates)
        {
            foreach (var (part, tensor) in update.Tensors)
            {
                if (tensor.grad is { } gradient)
                {
                    var now = (tensor * gradient).abs();
                    var (mean, spread) = (_own[Importance(name, part)], _own[Uncertainty(name, part)]);
                    mean.TimesInPlace(Smoothing).PlusInPlace(now, 1 - Smoothing);
                    spread.TimesInPlace(Smoothing).PlusInPlace((now - mean).abs(), 1 - Smoothing);
                }
            }
        }
    }

    /// <param name="budget">Singular values that stay, of all maps together.</param>
    private void Allocate(int budget)
    {
        var scores = _updates.ToDictionary(pair => pair.Key, pair => ScoresOf(pair.Key));
        var ascending = cat([.. scores.Values.Select(score => score.flatten())], 0).cpu().data<float>().ToArray();
        Array.Sort(ascending);
        var threshold = budget < ascending.Length ? ascending[ascending.Length - budget - 1] : float.NegativeInfinity;
        foreach (var (name, score) in scores)
        {
            _own[Kept(name)].copy_((score > threshold).to(ScalarType.Float32));
        }
    }

    /// <returns><c>[rank, 1]</c></returns>
    private Tensor ScoresOf(string name)
    {
        Tensor Of(string part) => _own[Importance(name, part)] * _own[Uncertainty(name, part)];
        return Of("lora_E") + Of("lora_A").mean([1], keepdim: true) + Of("lora_B").mean([0]).unsqueeze(1);
    }

    private static string Importance(string name, string part) => $"{name}.{part}.importance";

    private static string Uncertainty(string name, string part) => $"{name}.{part}.uncertainty";

    private static string Kept(string name) => $"{name}.kept";
}

/// <summary>How many singular values there may be at each step: all at first, then fewer by a cubic, then the target.</summary>
/// <param name="Initial">Of all maps together.</param>
/// <param name="Target">Of all maps together.</param>
/// <param name="TotalSteps">Of the run; a tenth of them warms up, the last three tenths only learn.</param>
public sealed record AdaLoraBudget(int Initial, int Target, int TotalSteps)
{
    /// <summary>Of an adapter that no run has trained: the shortest course that PEFT takes.</summary>
    internal static AdaLoraBudget Untrained { get; } = new(Initial: 0, Target: 0, TotalSteps: 1);

    /// <summary>Steps in which all values stay.</summary>
    internal int Warmup => TotalSteps / 10;

    /// <summary>The step behind which no value goes any more.</summary>
    internal int Final => TotalSteps - (TotalSteps * 3 / 10);

    /// <summary>Steps between two choices of what stays.</summary>
    internal int Interval => Math.Max(1, TotalSteps / 100);

    /// <summary>Which singular values stay is settled: in the last three tenths of the run nothing is chosen any more.</summary>
    internal bool IsFinal(int step) => step > Final;

    /// <summary>
    /// Whether singular values are chosen behind this step: between warmup and the last three tenths, every hundredth of the run and at the
    /// end of that time.
    /// </summary>
    /// <param name="step">From 1.</param>
    internal bool IsDue(int step) => step > Warmup && step <= Final && (step % Interval == 0 || step == Final);

    /// <summary>
    /// Singular values that may be left: <c>target + (initial - target)·(1 - t)³</c>, t being the share of the time between warmup and end
    /// of choosing that has gone (arXiv:2303.10512, equation 12).
    /// </summary>
    /// <param name="step">From 1.</param>
    internal int At(int step)
    {
        var left = 1 - Math.Clamp((double)(step - Warmup) / Math.Max(1, Final - Warmup), 0, 1);
        return Target + (int)((Initial - Target) * left * left * left);
    }
}
