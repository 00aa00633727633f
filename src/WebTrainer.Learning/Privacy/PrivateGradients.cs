using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Privacy;

/// <param name="ClipNorm">C, the L2 norm that a unit's gradient is shortened to.</param>
/// <param name="NoiseMultiplier">σ, the noise's standard deviation over C.</param>
/// <param name="ExpectedUnits">L, units of a step on average; not as many as it happens to have, which would tell of them.</param>
public sealed record PrivateStep(double ClipNorm, double NoiseMultiplier, double ExpectedUnits);

/// <summary>
/// The gradient of a private step (DP-SGD, arXiv:1607.00133, algorithm 1): <c>(Σᵤ clip(gᵤ, C) + N(0, σ²C²)) / L</c> over the units that the
/// step has taken, where a unit's loss is the mean over what is learned of its rows. Units are rows, or groups of rows.
/// </summary>
public sealed class PrivateGradients
{
    /// <summary>Numbers of one stream of noise, so that several are drawn at once and always the same.</summary>
    private const int NoiseChunk = 1 << 14;

    private readonly UnitRecorder _recorder = new();
    private readonly IReadOnlyList<TrainedParameter> _parameters;
    private readonly PrivateStep _step;
    private readonly PrivateRandom _random;
    private readonly Func<TokenRow, string> _unitOf;

    private PrivateGradients(
        IReadOnlyList<TrainedParameter> parameters,
        PrivateStep step,
        PrivateRandom random,
        Func<TokenRow, string> unitOf
    ) => (_parameters, _step, _random, _unitOf) = (parameters, step, random, unitOf);

    /// <summary>Has the model tell from now on what its rows' gradients are made of, while gradients are computed.</summary>
    /// <param name="model">With its adapter attached, where it has one.</param>
    /// <param name="parameters">All that learns: factors of low-rank changes, and maps of a classifier's head.</param>
    /// <param name="step">How a step is bounded and hidden.</param>
    /// <param name="random">Draws the noise.</param>
    /// <param name="unitOf">Names the unit that a row belongs to.</param>
    /// <exception cref="ModelFileException">Something learns whose gradients of single rows are not known.</exception>
    public static PrivateGradients Attach(
        ITunable model,
        IReadOnlyList<TrainedParameter> parameters,
        PrivateStep step,
        PrivateRandom random,
        Func<TokenRow, string> unitOf
    )
    {
        if (model is SequenceToSequenceLM || model.Config.Experts is not null)
        {
            throw new ModelFileException(
                "Encoder-decoders and models of experts are not trained privately here: choose another base, or set the privacy budget to 0."
            );
        }

        var gradients = new PrivateGradients(parameters, step, random, unitOf);
        foreach (var projection in model.Projections.Where(projection => projection.Update is not null))
        {
            var place = ReferenceEquals(projection, (model as CausalLM)?.Head) ? MapPlace.Learned : MapPlace.Tokens;
            projection.Update = projection.Update switch
            {
                LowRankUpdate low => new RecordingUpdate(low, gradients._recorder, place),
                DoraUpdate dora => new RecordingDora(dora, gradients._recorder, place),
                _ => throw new ModelFileException(
                    $"The change of '{projection.Name}' is none whose gradients of single rows are known: choose LoRA, QLoRA or DoRA."
                ),
            };
        }

        (model as SequenceClassifier)?.Record(gradients._recorder);
        gradients.BeginGradients();
        return gradients;
    }

    /// <summary>A step's passes with at most so many rows, no unit in two of them.</summary>
    internal List<TokenRow[]> Split(IReadOnlyList<IReadOnlyList<TokenRow>> batches, int mostRows) =>
        [.. batches.SelectMany(rows => PoissonSource.Passes([.. Consecutive(rows)], mostRows).Select(pass => pass.ToArray()))];

    /// <summary>Forgets what a pass has left that did not come to its end.</summary>
    internal void Clear() => _recorder.Clear();

    /// <summary>A pass is about to run.</summary>
    internal void BeginPass(Batch batch) => _recorder.Begin(new PassUnits(batch, _unitOf));

    /// <summary>Adds the clipped gradients of a pass that has run backwards.</summary>
    /// <param name="batch">Of the pass.</param>
    /// <param name="count">What a row counts in its unit's mean.</param>
    /// <returns>How many units were shortened.</returns>
    internal int AddPass(Batch batch, Func<TokenRow, double> count)
    {
        using var _ = no_grad();
        var units = new PassUnits(batch, _unitOf);
        return _recorder.AddClipped(
            units,
            [.. units.Units.Select(rows => rows.Sum(count) is > 0 and var learned ? 1 / learned : 0)],
            _step.ClipNorm
        );
    }

    /// <summary>Hides the sum under noise and divides it by what a step has on average.</summary>
    /// <param name="step">Decides the noise.</param>
    internal void AddNoise(int step)
    {
        using var _ = no_grad();
        var stream = 1;
        foreach (var parameter in _parameters)
        {
            var noise = new float[parameter.Tensor.NumberOfElements];
            var (first, chunks) = (stream, (noise.Length + NoiseChunk - 1) / NoiseChunk);
            Parallel.For(
                0,
                chunks,
                chunk =>
                    _random.FillNormal(
                        noise.AsSpan(chunk * NoiseChunk, Math.Min(NoiseChunk, noise.Length - (chunk * NoiseChunk))),
                        _step.NoiseMultiplier * _step.ClipNorm,
                        step,
                        first + chunk
                    )
            );
            stream += chunks;
            using var drawn = tensor(noise, parameter.Tensor.shape, device: parameter.Tensor.device);
            parameter.Tensor.grad!.PlusInPlace(drawn).TimesInPlace(1 / _step.ExpectedUnits);
        }
    }

    private IEnumerable<List<TokenRow>> Consecutive(IReadOnlyList<TokenRow> rows)
    {
        List<TokenRow> unit = [];
        foreach (var row in rows)
        {
            if (unit.Count > 0 && _unitOf(unit[0]) != _unitOf(row))
            {
                yield return unit;
                unit = [];
            }

            unit.Add(row);
        }

        if (unit.Count > 0)
        {
            yield return unit;
        }
    }

    /// <summary>
    /// A step that takes nobody changes the weights by its noise alone, so that each weight has a gradient from the beginning.
    /// </summary>
    private void BeginGradients()
    {
        foreach (var (_, weight, _) in _parameters)
        {
            weight.grad ??= zeros_like(weight, requires_grad: false).DetachFromDisposeScope();
        }
    }
}
