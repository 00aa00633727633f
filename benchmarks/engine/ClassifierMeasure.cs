using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Optimiser steps of a classifier of the shape of MiniLM, random weights and tokens, 77 labels.</summary>
/// <param name="shortest">Tokens of the shortest row; the others are spread up to <paramref name="tokens"/>.</param>
/// <param name="rank">Of an adapter on all maps of the layers; null for all weights.</param>
internal sealed class ClassifierMeasure
{
    private const int Labels = 77;
    private readonly SequenceClassifier _model;
    private readonly AdamW _optimizer;
    private readonly List<TrainedParameter> _parameters;
    private readonly Tensor _ids,
        _mask,
        _types,
        _labels;
    private readonly long _tokens;

    public ClassifierMeasure(string folder, int rows, int tokens, int shortest, int? rank)
    {
        var random = new Random(1);
        var (storage, head) = (
            rank is null ? ScalarType.Float32 : ScalarType.BFloat16,
            new HeadConfig { Labels = [.. Enumerable.Range(0, Labels).Select(i => $"label{i}")] }
        );
        _model = ModelStore.LoadClassifier(folder, head, storage, ScalarType.BFloat16, CPU);
        _parameters =
        [
            .. (rank is { } r ? Adapter(r) : _model.Weights.Tensors)
                .Concat(_model.HeadParameters)
                .Select(pair => TrainedParameter.Of(pair.Key, pair.Value.requires_grad_())),
        ];
        _optimizer = new AdamW(_parameters, new AdamWSettings(0.01));
        long[] lengths = [.. Enumerable.Range(0, rows).Select(row => (long)(shortest + ((tokens - shortest) * (row + 1) / rows)))];
        _tokens = lengths.Sum();
        _mask = (arange(tokens).unsqueeze(0) < tensor(lengths).unsqueeze(1)).to(ScalarType.Int64);
        _ids = randint(_model.Config.VocabularySize, [rows, tokens]) * _mask;
        _types = zeros_like(_ids);
        _labels = randint(Labels, [rows]);
        FlopsPerToken = Flops(tokens, rank);
    }

    /// <summary>
    /// Multiplications and additions that training calls for: forward and backward through frozen maps 4 a weight, what learns 6.
    /// </summary>
    public double FlopsPerToken { get; }

    /// <summary>Tokens of texts, padding not counted.</summary>
    public double TokensPerSecond() => Measure.PerSecond(Step, seconds: 1.5) * _tokens;

    public double ForwardTokensPerSecond() =>
        Measure.PerSecond(
            () =>
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                _model.Forward(_ids, _mask, _types, training: false);
            },
            seconds: 0.7
        ) * _tokens;

    public void Step()
    {
        using var scope = NewDisposeScope();
        var loss = nn.functional.cross_entropy(_model.Forward(_ids, _mask, _types, training: true), _labels);
        loss.backward();
        GradientNorm.Clip(_parameters, 1);
        _optimizer.Step(1e-4);
        foreach (var parameter in _parameters)
        {
            parameter.Tensor.grad?.zero_();
        }
    }

    private Dictionary<string, Tensor> Adapter(int rank)
    {
        var factors = new Dictionary<string, Tensor>();
        foreach (var map in _model.LayerProjections)
        {
            var update = new LowRankUpdate(
                randn(rank, map.Matrix.Inputs) / Math.Sqrt(map.Matrix.Inputs),
                zeros(map.Matrix.Outputs, rank),
                Scale: 2
            );
            map.Update = update;
            foreach (var (name, tensor) in update.Tensors)
            {
                factors[$"{map.Name}.{name}"] = tensor;
            }
        }

        return factors;
    }

    private double Flops(int tokens, int? rank)
    {
        double maps = _model.LayerProjections.Sum(map => map.Matrix.Inputs * map.Matrix.Outputs);
        var added = _model.LayerProjections.Sum(map => (double)(rank ?? 0) * (map.Matrix.Inputs + map.Matrix.Outputs));
        var attention = (double)_model.Config.Layers * _model.Config.HiddenSize * tokens * 2;
        return ((rank is null ? 6 : 4) * maps) + (6 * added) + (6 * attention);
    }
}
