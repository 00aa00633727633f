using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Quantization;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Encoders and their heads against Hugging Face transformers, to the tolerances of the reference data.</summary>
public sealed class SequenceClassifierTests : IDisposable
{
    private const double StateTolerance = 1e-4,
        LossTolerance = 1e-5,
        GradientTolerance = 1e-3,
        GradientFloor = 1e-5;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Encoders => ["bert", "mpnet", "xlm_roberta", .. Classifiers];

    public static TheoryData<string> Classifiers =>
        [
            "bert_seqcls_4",
            "bert_seqcls_multilabel",
            "distilbert_seqcls_2",
            "distilbert_seqcls_regression",
            "modernbert_seqcls_cls",
            "modernbert_seqcls_mean",
            "roberta_seqcls_3",
        ];

    [Theory]
    [MemberData(nameof(Encoders))]
    public void StatesAndVectors_EqualTheReference(string name)
    {
        var encoder = ModelStore.LoadEncoder(Gold(name), ScalarType.Float32, CPU);
        var expected = Expected(name);
        using var _ = no_grad();
        var (ids, mask, types) = (expected["input_ids"], expected["attention_mask"], expected.GetValueOrDefault("token_type_ids"));
        var states = encoder.States(ids, mask, types).ToList();
        Assert.Equal(expected.Keys.Count(key => key.StartsWith("hidden_states.", StringComparison.Ordinal)), states.Count);
        for (var i = 0; i < states.Count; i++)
        {
            AssertClose(expected[$"hidden_states.{i}"], states[i], mask);
        }

        var hidden = encoder.Forward(ids, mask, types);
        AssertClose(expected["last_hidden_state"], hidden, mask);
        AssertClose(expected["mean_pooled"], TextEncoder.MeanPooled(hidden, mask));
        AssertClose(expected["mean_pooled_l2_normalised"], encoder.Embeddings(ids, mask, types));
        AssertClose(expected["cls_token"], TextEncoder.Pool(hidden, mask, PoolingKind.Cls));
        if (expected.TryGetValue("pooler_output", out var pooled))
        {
            AssertClose(pooled, encoder.Pooled(hidden));
        }
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void ScoresLossAndGradients_EqualTheReference(string name)
    {
        var model = Load(name);
        var expected = Expected(name);
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(Gold(name), "expected.json")));
        Assert.Equal(figures.RootElement.GetProperty("problem_type").GetString(), NameOf(model.HeadConfig.Problem));
        foreach (var parameter in model.Parameters.Values)
        {
            parameter.requires_grad = true;
        }

        var logits = Scores(model, expected);
        AssertClose(expected["logits"], logits);
        if (figures.RootElement.TryGetProperty("predictions", out var predictions) && model.HeadConfig.Problem == ProblemKind.SingleLabel)
        {
            Assert.Equal(predictions.EnumerateArray().Select(p => p.GetInt64()), logits.argmax(-1).data<long>().ToArray());
        }

        var loss = Loss(model.HeadConfig.Problem, logits, expected["labels"]);
        loss.backward();
        Assert.Equal(figures.RootElement.GetProperty("loss").GetDouble(), loss.item<float>(), LossTolerance);
        AssertGradients(figures.RootElement.GetProperty("grad_norms"), model.Parameters);
    }

    [Theory]
    [InlineData("bert_seqcls_4")]
    [InlineData("modernbert_seqcls_mean")]
    public void Checkpointing_GradientsAreThoseOfOnePass(string name)
    {
        var model = Load(name);
        model.Checkpointing = true;
        foreach (var parameter in model.Parameters.Values)
        {
            parameter.requires_grad = true;
        }

        var expected = Expected(name);
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(Gold(name), "expected.json")));
        Loss(model.HeadConfig.Problem, Scores(model, expected), expected["labels"]).backward();
        AssertGradients(figures.RootElement.GetProperty("grad_norms"), model.Parameters);
    }

    [Fact]
    public void Checkpointing_OffsetsByDistance_LearnToo()
    {
        var gradients = new List<Tensor>();
        foreach (var checkpointing in (bool[])[false, true])
        {
            var model = Fresh("mpnet");
            model.Checkpointing = checkpointing;
            var table = model.Parameters["mpnet.encoder.relative_attention_bias.weight"];
            table.requires_grad = true;
            Scores(model, Expected("mpnet")).square().sum().backward();
            gradients.Add(table.grad!);
        }

        Assert.True(gradients[0].abs().max().item<float>() > 0);
        Assert.True(gradients[0].allclose(gradients[1], 1e-4, 1e-6));
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void PoolThenClassify_IsTheWholePass(string name)
    {
        var (model, expected) = (Load(name), Expected(name));
        using var _ = no_grad();
        var pooled = model.Pool(
            expected["input_ids"],
            expected["attention_mask"],
            expected.GetValueOrDefault("token_type_ids"),
            training: false
        );
        Assert.Equal([expected["input_ids"].shape[0], model.Config.HiddenSize], pooled.shape);
        AssertClose(expected["logits"], model.Classify(pooled, training: false));
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void FreshHead_SavedAndLoaded_IsTheSameClassifier(string name)
    {
        foreach (var head in Heads(name))
        {
            var model = ModelStore.LoadClassifier(Gold(name), head, ScalarType.Float32, ScalarType.Float32, CPU, seed: 3);
            ModelStore.SaveClassifier(_folder.Path, Gold(name), model.HeadConfig, model.Parameters, ScalarType.Float32);
            Assert.True(HeadConfig.IsClassifier(_folder.Path));
            var again = ModelStore.LoadClassifier(_folder.Path, fresh: null, ScalarType.Float32, ScalarType.Float32, CPU);
            Assert.All(model.Parameters, pair => Assert.True(pair.Value.Equals(again.Parameters[pair.Key])));
            Assert.Equal(head.Labels, again.HeadConfig.Labels);
            Assert.Equal(head with { Labels = [] }, again.HeadConfig with { Labels = [] });
            using var _ = no_grad();
            AssertClose(Scores(model, Expected(name)), Scores(again, Expected(name)));
        }
    }

    [Fact]
    public void FreshHead_SameSeed_IsTheSame_AndAnotherIsNot()
    {
        var weights = ((long[])[1, 1, 2])
            .Select(seed =>
                ModelStore.LoadClassifier(Gold("bert"), Linear, ScalarType.Float32, ScalarType.Float32, CPU, seed: seed).HeadParameters[
                    "classifier.weight"
                ]
            )
            .ToList();
        Assert.True(weights[0].allclose(weights[1], 0, 0));
        Assert.False(weights[0].allclose(weights[2], 0, 1e-3));
        Assert.InRange(weights[0].std().item<float>(), 0.015, 0.025);
    }

    [Theory]
    [InlineData("bert", "classifier")]
    [InlineData("xlm_roberta", "classifier")]
    [InlineData("distilbert_seqcls_2", "pre_classifier classifier")]
    [InlineData("modernbert_seqcls_mean", "head classifier")]
    public void HeadModules_AreNamedAsAdaptersSaveThem(string name, string modules) =>
        Assert.Equal(
            modules.Split(' '),
            ModelStore.LoadClassifier(Gold(name), FamilyHead, ScalarType.Float32, ScalarType.Float32, CPU).HeadModules
        );

    [Fact]
    public void SavedLinearHead_NamesNoClassOfTransformers()
    {
        var model = ModelStore.LoadClassifier(Gold("bert"), Linear, ScalarType.Float32, ScalarType.Float32, CPU);
        ModelStore.SaveClassifier(_folder.Path, Gold("bert"), model.HeadConfig, model.Parameters, ScalarType.Float32);
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("config.json")))!;
        Assert.Equal("BertLinearHeadForSequenceClassification", config["architectures"]![0]!.GetValue<string>());
        Assert.Equal("mean", config["classifier_pooling"]!.GetValue<string>());
        Assert.Equal("linear", config["classifier_head"]!.GetValue<string>());
        Assert.Equal("{\"0\":\"yes\",\"1\":\"no\",\"2\":\"maybe\"}", config["id2label"]!.ToJsonString());
    }

    [Fact]
    public void SavedFamilyHead_IsTheClassOfTransformers()
    {
        var source = Load("roberta_seqcls_3");
        ModelStore.SaveClassifier(_folder.Path, Gold("roberta_seqcls_3"), source.HeadConfig, source.Parameters, ScalarType.Float32);
        Assert.Equal(
            "RobertaForSequenceClassification",
            JsonNode.Parse(File.ReadAllText(_folder.File("config.json")))!["architectures"]![0]!.GetValue<string>()
        );
        var (before, after) = (
            Safetensors.Read(Path.Combine(Gold("roberta_seqcls_3"), "model.safetensors")),
            Safetensors.Read(_folder.File("model.safetensors"))
        );
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before, pair => Assert.True(pair.Value.Equals(after[pair.Key])));
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta_seqcls_3")]
    public void LoadClassifier_MeanForAHeadOfTheFirstToken_IsRefused(string name) =>
        Assert.Contains(
            "first token",
            Assert
                .Throws<ModelFileException>(() =>
                    ModelStore.LoadClassifier(
                        Gold(name),
                        FamilyHead with
                        {
                            Pooling = PoolingKind.Mean,
                        },
                        ScalarType.Float32,
                        ScalarType.Float32,
                        CPU
                    )
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void LoadClassifier_EncoderWithoutHead_IsRefused() =>
        Assert.Contains(
            "no head",
            Assert
                .Throws<ModelFileException>(() =>
                    ModelStore.LoadClassifier(Gold("bert"), null, ScalarType.Float32, ScalarType.Float32, CPU)
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void LoadClassifier_Decoder_IsRefused() =>
        Assert.Contains(
            "no encoders",
            Assert
                .Throws<ModelFileException>(() =>
                    ModelStore.LoadClassifier(Gold("llama_gqa_untied"), Linear, ScalarType.Float32, ScalarType.Float32, CPU)
                )
                .Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("{\"0\":\"a\",\"2\":\"b\"}")]
    [InlineData("{\"zero\":\"a\"}")]
    [InlineData("{\"0\":null}")]
    [InlineData("[\"a\"]")]
    [InlineData("{}")]
    public void Read_LabelsThatAreNoNumberedList_AreRefused(string labels)
    {
        WriteConfig("bert_seqcls_4", "id2label", labels);
        Assert.Throws<ModelFileException>(() => HeadConfig.Read(_folder.Path));
    }

    [Fact]
    public void Read_NumberOfLabelsAlone_NamesThemAsTransformersDoes()
    {
        WriteConfig("bert_seqcls_4", "id2label", "null");
        Assert.Equal(["LABEL_0", "LABEL_1"], HeadConfig.Read(_folder.Path).Labels);
        WriteConfig("bert_seqcls_4", "id2label", "null", "num_labels", "3");
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2"], HeadConfig.Read(_folder.Path).Labels);
    }

    [Fact]
    public void FourBitMaps_ScoresStayClose_AndGradientsReachTheAdapter()
    {
        var (whole, packed) = (
            Fresh("bert"),
            ModelStore.LoadClassifier(Gold("bert"), Linear, ScalarType.Float32, ScalarType.Float32, CPU, WeightPrecision.FourBits)
        );
        Assert.All(packed.LayerProjections, map => Assert.IsType<Nf4Matrix>(map.Matrix));
        var map = packed.LayerProjections.First();
        var (a, b) = (randn(4, map.Matrix.Inputs).requires_grad_(), zeros(map.Matrix.Outputs, 4).requires_grad_());
        map.Update = new LowRankUpdate(a, b, 1);
        var scores = Scores(packed, Expected("bert"));
        Assert.True((scores - Scores(whole, Expected("bert"))).abs().max().item<float>() < 0.05);
        scores.square().sum().backward();
        Assert.True(b.grad!.abs().max().item<float>() > 0);
    }

    [Fact]
    public void NarrowCompute_OverWideWeights_GradientsAreWideAndClose()
    {
        var (wide, narrow) = (
            Load("bert_seqcls_4"),
            ModelStore.LoadClassifier(Gold("bert_seqcls_4"), null, ScalarType.Float32, ScalarType.BFloat16, CPU)
        );
        foreach (var model in (SequenceClassifier[])[wide, narrow])
        {
            model.Parameters["bert.encoder.layer.0.attention.self.value.weight"].requires_grad = true;
            Loss(ProblemKind.SingleLabel, Scores(model, Expected("bert_seqcls_4")), Expected("bert_seqcls_4")["labels"]).backward();
        }

        var (a, b) = (
            wide.Parameters["bert.encoder.layer.0.attention.self.value.weight"].grad!,
            narrow.Parameters["bert.encoder.layer.0.attention.self.value.weight"].grad!
        );
        Assert.Equal(ScalarType.Float32, b.dtype);
        Assert.True((a - b).norm().item<float>() < 0.05 * a.norm().item<float>());
    }

    [Fact]
    public void Dropout_OnlyWhereAPassTrains()
    {
        var model = Fresh("bert");
        var expected = Expected("bert");
        using var _ = no_grad();
        Tensor Pool(bool training) => model.Pool(expected["input_ids"], expected["attention_mask"], null, training);
        Assert.True(Pool(training: true).allclose(Pool(training: false), 0, 0));
        model.Encoder.Dropout = new(0.1, 0.1);
        Assert.False(Pool(training: true).allclose(Pool(training: false), 0, 1e-3));
        Assert.True(Pool(training: false).allclose(Pool(training: false), 0, 0));
    }

    private static HeadConfig Linear => new() { Labels = ["yes", "no", "maybe"] };

    private static HeadConfig FamilyHead => Linear with { Kind = HeadKind.Family, Pooling = PoolingKind.Cls };

    private static IEnumerable<HeadConfig> Heads(string name)
    {
        yield return Linear;
        yield return Linear with
        {
            Pooling = PoolingKind.Cls,
            Problem = ProblemKind.MultiLabel,
            Dropout = 0.25,
        };
        yield return FamilyHead with
        {
            Problem = ProblemKind.Regression,
            Labels = ["score"],
        };
        if (name.StartsWith("modernbert", StringComparison.Ordinal))
        {
            yield return FamilyHead with
            {
                Pooling = PoolingKind.Mean,
            };
        }
    }

    private static string Gold(string name) => SharedFiles.Find("gold", "models", name);

    private static Dictionary<string, Tensor> Expected(string name) => Safetensors.Read(Path.Combine(Gold(name), "expected.safetensors"));

    private static SequenceClassifier Load(string name) =>
        ModelStore.LoadClassifier(Gold(name), null, ScalarType.Float32, ScalarType.Float32, CPU);

    private static SequenceClassifier Fresh(string name) =>
        ModelStore.LoadClassifier(Gold(name), Linear, ScalarType.Float32, ScalarType.Float32, CPU);

    private static Tensor Scores(SequenceClassifier model, Dictionary<string, Tensor> input) =>
        model.Forward(input["input_ids"], input["attention_mask"], input.GetValueOrDefault("token_type_ids"), training: false);

    private static Tensor Loss(ProblemKind problem, Tensor logits, Tensor labels) =>
        problem switch
        {
            ProblemKind.SingleLabel => nn.functional.cross_entropy(logits, labels),
            ProblemKind.MultiLabel => nn.functional.binary_cross_entropy_with_logits(logits, labels),
            _ => nn.functional.mse_loss(logits.squeeze(-1), labels),
        };

    private static string NameOf(ProblemKind problem) =>
        problem switch
        {
            ProblemKind.SingleLabel => "single_label_classification",
            ProblemKind.MultiLabel => "multi_label_classification",
            _ => "regression",
        };

    private void WriteConfig(string name, params string[] changes)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Gold(name), "config.json")))!.AsObject();
        for (var i = 0; i < changes.Length; i += 2)
        {
            config[changes[i]] = JsonNode.Parse(changes[i + 1]);
        }

        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
    }

    private static void AssertClose(Tensor expected, Tensor actual, Tensor? mask = null)
    {
        Assert.Equal(expected.shape, actual.shape);
        var difference = (expected - actual).abs();
        var seen = mask is null ? difference : difference.masked_select(mask.to(ScalarType.Bool).unsqueeze(-1));
        Assert.InRange(seen.max().item<float>(), 0, StateTolerance);
    }

    private static void AssertGradients(JsonElement norms, IReadOnlyDictionary<string, Tensor> parameters)
    {
        Assert.Equal(norms.EnumerateObject().Select(norm => norm.Name).Order(), parameters.Keys.Order());
        foreach (var norm in norms.EnumerateObject())
        {
            var (expected, actual) = (
                norm.Value.GetDouble(),
                parameters[norm.Name].grad is { } gradient ? gradient.norm().item<float>() : 0
            );
            Assert.True(
                Math.Abs(expected - actual) <= Math.Max(GradientTolerance * expected, GradientFloor),
                $"{norm.Name}: {actual} instead of {expected}"
            );
        }
    }
}
