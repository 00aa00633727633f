using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Optimiser steps of each preference loss on the same random pairs: 4 of them, prompts and answers of 128 tokens.</summary>
internal sealed class PreferenceMeasure
{
    private const int Pairs = 4,
        PartTokens = 128;

    private readonly Trainer _trainer;
    private readonly List<TokenRow> _rows;
    private int _step;

    public PreferenceMeasure(PreferenceLoss loss, MethodSpec method)
    {
        var made = ModelStore.Create(Shapes.A, ScalarType.BFloat16, seed: 1);
        var weights = new ModelWeights(made.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.to(ScalarType.BFloat16)));
        var model = new CausalLM(Shapes.A, weights, ScalarType.BFloat16);
        var adapter = LoraAdapter.Create(model, method, seed: 2);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        var random = new Random(1);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(Shapes.A.VocabularySize))];
        List<(TokenRow Chosen, TokenRow Rejected)> pairs = [];
        for (var i = 0; i < Pairs; i++)
        {
            var prompt = Tokens(PartTokens);
            TokenRow Row() => new($"{i}", [.. prompt, .. Tokens(PartTokens)], PartTokens);
            pairs.Add((Row(), Row()));
        }

        _rows =
            loss == PreferenceLoss.Kto
                ? [.. pairs.SelectMany(pair => (TokenRow[])[pair.Chosen with { Wanted = true }, pair.Rejected with { Wanted = false }])]
                : [.. pairs.Select(pair => pair.Chosen with { Rejected = pair.Rejected })];
        _trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            new TrainerSettings(1, 1, PaddingId: 0),
            PreferenceObjective.Of(new ObjectiveSpec { Loss = loss }, model, adapter, paddingId: 0)
        );
    }

    public double StepsPerSecond() => Measure.PerSecond(() => _trainer.Step(++_step, [_rows], learningRate: 1e-4), seconds: 1.5);
}
