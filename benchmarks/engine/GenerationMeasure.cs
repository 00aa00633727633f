using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Greedy continuation of short prompts.</summary>
internal sealed class GenerationMeasure
{
    private const int NewTokens = 48;
    private readonly CausalLM _model;

    public GenerationMeasure(ModelConfig config)
    {
        var made = ModelStore.Create(config, ScalarType.BFloat16, seed: 1);
        _model = new CausalLM(
            config,
            new ModelWeights(made.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.to(ScalarType.BFloat16))),
            ScalarType.BFloat16
        );
    }

    /// <summary>Read once a token: all but the embedding, of which a row is read.</summary>
    public long WeightBytes => _model.Weights.Bytes - (_model.EmbeddingTable.NumberOfElements * _model.EmbeddingTable.ElementSize);

    public double TokensPerSecond(int batch)
    {
        List<IReadOnlyList<int>> prompts =
        [
            .. Enumerable.Range(0, batch).Select(row => (IReadOnlyList<int>)[.. Enumerable.Range(1, 8).Select(i => (i * 31) + row)]),
        ];
        return Measure.PerSecond(
                () => GreedyGenerator.Generate(_model, prompts, NewTokens, endIds: new HashSet<int>(), CancellationToken.None),
                seconds: 1
            )
            * batch
            * NewTokens;
    }
}
