using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Onnx;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>ONNX Runtime, which shares no code with this project, gives the answers that the model gives here.</summary>
public sealed class OnnxClassifierTests : IDisposable
{
    private const double Tolerance = 1e-3;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert_seqcls_4")]
    [InlineData("roberta_seqcls_3")]
    [InlineData("distilbert_seqcls_2")]
    [InlineData("modernbert_seqcls_mean")]
    [InlineData("modernbert_seqcls_cls")]
    public void FamilysHead_OnnxRuntimeRepeatsTheScores(string name) =>
        AssertRepeats(
            ModelStore.LoadClassifier(SharedFiles.Find("gold", "models", name), fresh: null, ScalarType.Float32, ScalarType.Float32, CPU)
        );

    [Theory]
    [InlineData("bert", PoolingKind.Mean)]
    [InlineData("xlm_roberta", PoolingKind.Mean)]
    [InlineData("mpnet", PoolingKind.Mean)]
    [InlineData("bert", PoolingKind.Cls)]
    public void LinearHead_OnnxRuntimeRepeatsTheScores(string name, PoolingKind pooling) =>
        AssertRepeats(
            ModelStore.LoadClassifier(
                SharedFiles.Find("gold", "models", name),
                new HeadConfig { Labels = ["a", "b", "c"], Pooling = pooling },
                ScalarType.Float32,
                ScalarType.Float32,
                CPU,
                seed: 4
            )
        );

    private void AssertRepeats(SequenceClassifier model)
    {
        var path = _folder.File("model.onnx");
        OnnxClassifier.Write(path, model, model.Parameters);
        const int tokens = 20,
            shorter = 13; // longer than the window of those that have one
        long[] ids = [.. Enumerable.Range(0, 2 * tokens).Select(i => i < tokens + shorter ? 5L + i : 1)];
        long[] mask = [.. ids.Select((_, i) => i < tokens + shorter ? 1L : 0)];
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var expected = model.Forward(tensor(ids, [2, tokens]), tensor(mask, [2, tokens]), null, training: false).data<float>().ToArray();
        using var session = new InferenceSession(path);
        List<NamedOnnxValue> inputs =
        [
            .. session.InputMetadata.Keys.Select(name =>
                NamedOnnxValue.CreateFromTensor(
                    name,
                    new DenseTensor<long>(
                        name switch
                        {
                            "input_ids" => ids,
                            "attention_mask" => mask,
                            _ => new long[ids.Length],
                        },
                        [2, tokens]
                    )
                )
            ),
        ];
        using var results = session.Run(inputs);
        var actual = results.Single(result => result.Name == "logits").AsEnumerable<float>().ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        Assert.Equal(string.Join('\n', model.HeadConfig.Labels), session.ModelMetadata.CustomMetadataMap["labels"]);
    }
}
