using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Quantization;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Optimiser steps of one method on random tokens, all of which are learned.</summary>
internal sealed class TrainingMeasure
{
    private readonly Trainer _trainer;
    private readonly List<TokenRow> _rows;
    private int _step;

    public TrainingMeasure(ModelConfig config, ScalarType type, MethodSpec method, int rows, int tokens)
    {
        var made = ModelStore.Create(config, type, seed: 1);
        var model = new CausalLM(
            config,
            new ModelWeights(made.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.to(type))),
            type
        );
        model = WeightPacking.Pack(model, method.Method == TuningMethod.QLoRA ? WeightPrecision.FourBits : WeightPrecision.Full);
        var adapter = LoraAdapter.Create(model, method, seed: 2);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        _trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            new TrainerSettings(1, 1, PaddingId: 0),
            new AnswerObjective(model)
        );
        var random = new Random(1);
        _rows =
        [
            .. Enumerable
                .Range(0, rows)
                .Select(row => new TokenRow(
                    $"{row}",
                    [.. Enumerable.Range(0, tokens).Select(_ => random.Next(config.VocabularySize))],
                    AnswerStart: 1
                )),
        ];
        FlopsPerToken = Flops(config, adapter, tokens);
    }

    /// <summary>
    /// Multiplications and additions that training calls for: forward and backward to the inputs of the frozen maps, and all three of the
    /// adapter's.
    /// </summary>
    public double FlopsPerToken { get; }

    public double TokensPerSecond() =>
        Measure.PerSecond(() => _trainer.Step(++_step, [_rows], learningRate: 1e-4), seconds: 1.5) * _rows.Sum(row => row.Tokens.Length);

    private static double Flops(ModelConfig config, LoraAdapter adapter, int tokens)
    {
        double inner = ParameterShapes
            .Of(config)
            .Where(weight => weight.Shape.Length == 2 && !weight.Name.Contains("embed", StringComparison.Ordinal))
            .Sum(weight => weight.Shape[0] * weight.Shape[1]);
        var head = config.TiedHead ? (double)config.VocabularySize * config.HiddenSize : 0;
        var attention = (double)config.Layers * config.Heads * config.HeadSize * tokens * 2; // scores and mix, as whole squares
        return (4 * (inner + head)) + (6.0 * adapter.ParameterCount) + (6 * attention);
    }
}
