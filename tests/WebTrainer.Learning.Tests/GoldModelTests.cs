using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Quantization;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Agreement with Hugging Face transformers and PEFT, to the tolerances of the reference data.</summary>
public sealed class GoldModelTests
{
    private const double LogitTolerance = 1e-4,
        LossTolerance = 1e-5,
        GradientTolerance = 1e-3,
        TrajectoryTolerance = 2e-4;

    public static TheoryData<string> Decoders =>
        [
            "llama_gqa_untied",
            "llama_tied_llama3rope",
            "mistral_sliding8",
            "qwen2_tied",
            "qwen3_tied",
            "gemma",
            "gpt2",
            "gpt_neox_parallel",
            "gemma2_tied",
            "gemma3_text",
            "gemma3_text_linear8",
            "phi3_sliding8",
            "phi3_longrope_partial75",
            "smollm3",
            "olmo2",
            "granite",
            "mixtral",
            "qwen3_moe",
            "gpt_oss",
        ];

    [Theory]
    [MemberData(nameof(Decoders))]
    public void Logits_EqualTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        AssertClose(expected["logits"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void HiddenStatesOfEachLayer_EqualTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        var states = model.States(expected["input_ids"]).ToList();
        Assert.Equal(expected.Keys.Count(key => key.StartsWith("hidden_states.", StringComparison.Ordinal)), states.Count);
        for (var i = 0; i < states.Count; i++)
        {
            AssertClose(expected[$"hidden_states.{i}"], states[i], expected["attention_mask"]);
        }
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void LossAndGradients_EqualTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        foreach (var weight in model.Parameters.Values)
        {
            weight.requires_grad = true;
        }

        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var batch = BatchOf(expected["input_ids"], expected["labels"]);
        var loss = AnswerLoss.Share(model, batch, batch.LearnedTokens);
        loss.backward();
        Assert.Equal(figures.RootElement.GetProperty("loss").GetDouble(), loss.item<float>(), LossTolerance);
        AssertGradients(figures.RootElement.GetProperty("grad_norms"), model.Parameters);
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void GreedyGeneration_EqualsTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        AssertGenerates(model, figures.RootElement.GetProperty("generate"));
        AssertGenerates(model, figures.RootElement.GetProperty("generate_batch_left_padded"));
    }

    [Theory]
    [InlineData("phi3_longrope_partial75")]
    public void TextLongerThanTheOriginalContext_WholeOrGrown_EqualsTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        var ids = expected["long_input_ids"];
        AssertClose(expected["long_logits"], model.Logits(model.Forward(ids)));
        int[] tokens = [.. ids.data<long>().Select(id => (int)id)];
        AssertClose(expected["long_logits"][0, -1], LastScores(model, [tokens[..^1], tokens[^1..]]));
        // one by one, across the border
        AssertClose(expected["long_logits"][0, -1], LastScores(model, [.. tokens.Select(token => new[] { token })]));
    }

    [Fact]
    public void TextPartOfAModelOfImages_EqualsTheReferenceOnText()
    {
        var folder = SharedFiles.Find("gold", "models", "llava_clip_llama");
        var model = Load(folder);
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        AssertClose(expected["text_only_logits"], model.Logits(model.Forward(expected["text_only_input_ids"])));
    }

    /// <summary>Scores behind the last of some tokens that are read step by step.</summary>
    private static Tensor LastScores(CausalLM model, IEnumerable<int[]> steps)
    {
        using var cache = new CachedSequence(model.Config, ScalarType.Float32, CPU);
        Tensor? scores = null;
        foreach (var step in steps)
        {
            scores = model.Logits(model.Forward(CachedPass.Continue([cache], [step], model.Config.ContextTokens)))[0, -1];
        }

        return scores!;
    }

    [Fact]
    public void LoraAdapter_LogitsEqualPeft()
    {
        var folder = SharedFiles.Find("gold", "models", "adapter_lora_r4_all7");
        var model = Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"));
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        AssertClose(expected["logits_base"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
        PeftFolder.Load(folder, model).Attach(model);
        AssertClose(expected["logits_adapter"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
    }

    [Theory]
    [InlineData("adapter_lora_embedding")]
    [InlineData("adapter_lora_modules_to_save_lm_head")]
    [InlineData("adapter_lora_layers_to_transform")]
    [InlineData("adapter_lora_all_linear_exclude")]
    public void AdapterOfPeft_ReadAndWrittenAgain_LogitsEqualPeft(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"));
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var again = new TemporaryFolder();
        PeftFolder.Save(again.Path, PeftFolder.Load(folder, model), "base");
        using var _ = no_grad();
        foreach (var path in (string[])[folder, again.Path])
        {
            PeftFolder.Load(path, model).Attach(model);
            AssertClose(expected["logits_adapter"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
        }
    }

    [Theory]
    [InlineData("mixtral")]
    [InlineData("gpt_oss")]
    public void AdapterOfExperts_ReadWrittenAgainAndMerged_LogitsEqualPeft(string family)
    {
        var folder = SharedFiles.Find("gold", "models", "adapter_lora_target_parameters_" + family);
        var model = Load(SharedFiles.Find("gold", "models", family));
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var again = new TemporaryFolder();
        var adapter = PeftFolder.Load(folder, model);
        PeftFolder.Save(again.Path, adapter, "base");
        var (first, second) = (
            Safetensors.Read(Path.Combine(folder, PeftFiles.Weights)),
            Safetensors.Read(Path.Combine(again.Path, PeftFiles.Weights))
        );
        Assert.Equal(first.Keys.Order(StringComparer.Ordinal), second.Keys.Order(StringComparer.Ordinal));
        Assert.All(first, pair => Assert.True(pair.Value.Equals(second[pair.Key]), pair.Key));
        using var _ = no_grad();
        foreach (var path in (string[])[folder, again.Path])
        {
            PeftFolder.Load(path, model).Attach(model);
            AssertClose(expected["logits_adapter"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
        }

        LoraAdapter.Detach(model);
        var merged = new CausalLM(model.Config, new ModelWeights(AdapterMerge.Merge(model, adapter).Weights), ScalarType.Float32);
        AssertClose(expected["logits_merged"], merged.Logits(merged.Forward(expected["input_ids"])), expected["attention_mask"]);
    }

    [Theory]
    [InlineData("mixtral")]
    [InlineData("gpt_oss")]
    public void AdapterOfExperts_GradientsEqualPeft(string family)
    {
        var folder = SharedFiles.Find("gold", "models", "adapter_lora_target_parameters_" + family);
        var model = Load(SharedFiles.Find("gold", "models", family));
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        var adapter = PeftFolder.Load(folder, model);
        adapter.Attach(model);
        adapter.Parameters(); // they learn
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var batch = BatchOf(expected["input_ids"], expected["labels"]);
        var loss = AnswerLoss.Share(model, batch, batch.LearnedTokens);
        loss.backward();
        Assert.Equal(figures.RootElement.GetProperty("loss_adapter").GetDouble(), loss.item<float>(), LossTolerance);
        foreach (var norm in figures.RootElement.GetProperty("grad_norms_adapter").EnumerateObject())
        {
            Assert.Equal(norm.Value.GetDouble(), Math.Sqrt(FactorsOf(norm.Name).Sum(SquareOfGradient)), 1e-3 * norm.Value.GetDouble());
        }

        // What the file holds in one tensor, in pieces.
        IEnumerable<Tensor> FactorsOf(string key)
        {
            var part = key[key.IndexOf("lora_", StringComparison.Ordinal)..];
            var name = key[..^(part.Length + 1)];
            return adapter.Experts.FirstOrDefault(factors => factors.Key == name) is { } experts
                ? experts
                    .Experts.SelectMany(maps =>
                        maps.Select(map => adapter.Updates[map.Name].Tensors.Single(pair => pair.Key == part).Value)
                    )
                    .Distinct(ReferenceEqualityComparer.Instance)
                    .Cast<Tensor>()
                : [adapter.Updates[name["base_model.model.".Length..]].Tensors.Single(pair => pair.Key == part).Value];
        }

        // An expert that no token chose has none.
        static double SquareOfGradient(Tensor factor) => factor.grad is { } gradient ? gradient.square().sum().item<float>() : 0;
    }

    [Theory]
    [InlineData("adapter_ia3", "IA3")]
    [InlineData("adapter_vera", "VERA")]
    [InlineData("adapter_pissa_saved", "pissa")]
    [InlineData("adapter_lora_trainable_tokens", "trainable_token_indices")]
    public void AdapterOfPeft_ThatWouldComputeOtherwise_IsRefusedByName(string name, string named)
    {
        var model = Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"));
        var refusal = Assert.Throws<ModelFileException>(() => PeftFolder.Load(SharedFiles.Find("gold", "models", name), model));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void LeftPaddedRows_EqualTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        var mask = expected["left_attention_mask"];
        var ids = expected["left_input_ids"];
        var rows = (int)mask.shape[0];
        List<int[]> tokens =
        [
            .. Enumerable
                .Range(0, rows)
                .Select(row => ids[row].masked_select(mask[row].to(ScalarType.Bool)).data<long>().Select(id => (int)id).ToArray()),
        ];
        List<CachedSequence> caches = [.. tokens.Select(_ => new CachedSequence(model.Config, ScalarType.Float32, CPU))];
        // Half of each row first, then the rest one by one: the cache must give what the whole row gives.
        var half = model.Forward(
            CachedPass.Continue(caches, [.. tokens.Select(row => row[..(row.Length / 2)])], model.Config.ContextTokens)
        );
        var hidden = zeros(rows, mask.shape[1], model.Config.HiddenSize);
        for (var row = 0; row < rows; row++)
        {
            var (padding, first) = ((int)mask.shape[1] - tokens[row].Length, tokens[row].Length / 2);
            hidden[row].narrow(0, padding, first).copy_(half[row].narrow(0, 0, first));
            for (var t = first; t < tokens[row].Length; t++)
            {
                hidden[row, padding + t]
                    .copy_(
                        model.Forward(
                            CachedPass.Continue(
                                [caches[row]],
                                [
                                    [tokens[row][t]],
                                ],
                                model.Config.ContextTokens
                            )
                        )[0, 0]
                    );
            }
        }

        caches.ForEach(cache => cache.Dispose());
        AssertClose(expected["left_logits"], model.Logits(hidden), mask);
    }

    [Fact]
    public void Bert_StatesAndEmbeddings_EqualTheReference()
    {
        var folder = SharedFiles.Find("gold", "models", "bert");
        var model = ModelStore.LoadEncoder(folder, ScalarType.Float32, CPU);
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        var (ids, mask, types) = (expected["input_ids"], expected["attention_mask"], expected["token_type_ids"]);
        var hidden = model.Forward(ids, mask, types);
        AssertClose(expected["last_hidden_state"], hidden, mask);
        AssertClose(expected["mean_pooled"], TextEncoder.MeanPooled(hidden, mask));
        AssertClose(expected["mean_pooled_l2_normalised"], model.Embeddings(ids, mask, types));
        AssertClose(expected["pooler_output"], model.Pooled(hidden));
    }

    [Fact]
    public void DoraAdapter_LogitsMergedWeightsAndGradients_EqualPeft()
    {
        var folder = SharedFiles.Find("gold", "models", "adapter_dora_r4_all7");
        var model = Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"));
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        var adapter = PeftFolder.Load(folder, model);
        adapter.Attach(model);
        using (no_grad())
        {
            AssertClose(expected["logits_adapter"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
            foreach (var name in (string[])["model.layers.0.mlp.down_proj", "model.layers.0.self_attn.q_proj"])
            {
                AssertClose(expected[$"merged.{name}.weight"], adapter.Updates[name].Merge(model.Parameters[name + ".weight"]));
            }
        }

        AssertAdapterGradients(
            model,
            adapter,
            expected,
            Path.Combine(folder, "expected.json"),
            "loss_adapter",
            "grad_norms_adapter",
            LossTolerance
        );
    }

    [Theory]
    [InlineData("plain", false)]
    [InlineData("dq", true)]
    public void Qlora_LogitsAndGradients_EqualBitsandbytesAndPeft(string variant, bool doubleQuantisation)
    {
        var folder = SharedFiles.Find("gold", "models", "qlora_nf4_forward");
        var model = WeightPacking.Pack(
            Load(SharedFiles.Find("gold", "models", "llama_gqa_untied")),
            weight => Nf4Matrix.Pack(weight, doubleQuantisation)
        );
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        const string Query = "model.layers.0.self_attn.q_proj";
        Assert.Equal(expected[$"{variant}.{Query}.packed"].data<byte>().ToArray(), ((Nf4Matrix)model.Weights.Packed[Query]).Codes);
        AssertClose(expected[$"{variant}.{Query}.dequantised"], model.Weights.Packed[Query].ToDense(), 1e-6);
        var adapter = PeftFolder.Load(SharedFiles.Find("gold", "models", "adapter_lora_r4_all7"), model);
        using (no_grad())
        {
            AssertClose(
                expected[$"{variant}.logits_base_nf4"],
                model.Logits(model.Forward(expected["input_ids"])),
                expected["attention_mask"],
                2e-4
            );
            adapter.Attach(model);
            AssertClose(
                expected[$"{variant}.logits_adapter_nf4"],
                model.Logits(model.Forward(expected["input_ids"])),
                expected["attention_mask"],
                2e-4
            );
        }

        if (doubleQuantisation)
        {
            AssertAdapterGradients(
                model,
                adapter,
                expected,
                Path.Combine(folder, "expected.json"),
                "dq_loss_adapter",
                "dq_grad_norms_adapter",
                1e-4
            );
        }
    }

    [Theory]
    [InlineData("plain", 1, 0)]
    [InlineData("clip1", 1, 1)]
    [InlineData("accumulation2", 2, 0)]
    [InlineData("accumulation2_clip1", 2, 1)]
    public void LoraTraining_FollowsPeftsTrajectory(string name, int accumulation, double maximumNorm)
    {
        var folder = SharedFiles.Find("gold", "models", "traj_lora_r4");
        var model = Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"));
        var adapter = PeftFolder.Load(Path.Combine(folder, "adapter_init"), model);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        var trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            new TrainerSettings(1, maximumNorm, PaddingId: 0),
            new AnswerObjective(model)
        );
        var batches = Safetensors.Read(Path.Combine(folder, "batches.safetensors"));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var losses = figures.RootElement.GetProperty(name).GetProperty("loss_float32");
        var norms = figures.RootElement.GetProperty(name).GetProperty("grad_norm_before_clip_float32");
        var rates = figures.RootElement.GetProperty("learning_rate_per_step");
        for (var step = 0; step < losses.GetArrayLength(); step++)
        {
            var parts = Enumerable.Range(0, accumulation).Select(part => Rows(batches, ((accumulation * step) + part) % 20)).ToList();
            var result = trainer.Step(step + 1, parts, rates[step].GetDouble());
            Assert.Equal(losses[step].GetDouble(), result.Loss, TrajectoryTolerance);
            Assert.Equal(1, result.GradientNorm / norms[step].GetDouble(), GradientTolerance);
        }
    }

    private static CausalLM Load(string folder) => ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU);

    /// <summary>The masks of the trajectory mark single tokens, not answers, so rows are cut where learning is contiguous.</summary>
    private static List<TokenRow> Rows(Dictionary<string, Tensor> batches, int index)
    {
        var rows = new List<TokenRow>();
        for (var r = 0; r < 2; r++)
        {
            var ids = batches["input_ids"][index, r].data<long>().ToArray();
            var labels = batches["labels"][index, r].data<long>().ToArray();
            var length = Array.FindLastIndex(labels, label => label != -100) + 1;
            var start = Math.Max(1, Array.FindIndex(labels, label => label != -100));
            if (labels.AsSpan(start, length - start).Contains(-100))
            {
                Assert.Skip("The reference batch has gaps in its mask.");
            }

            rows.Add(new TokenRow("", [.. ids.Take(length).Select(id => (int)id)], start));
        }

        return rows;
    }

    private static Batch BatchOf(Tensor ids, Tensor labels)
    {
        var width = ids.shape[1];
        var flat = labels.data<long>().ToArray();
        List<long> sources = [.. Enumerable.Range(0, flat.Length).Where(i => i % width > 0 && flat[i] != -100).Select(i => i - 1L)];
        return new Batch(ids, tensor(sources.ToArray()), tensor(sources.Select(i => flat[i + 1]).ToArray()), flat.Length, []);
    }

    private static void AssertGenerates(CausalLM model, JsonElement expected)
    {
        var prompts = new List<IReadOnlyList<int>>();
        var answers = new List<int[]>();
        for (var row = 0; row < expected.GetProperty("prompt_ids").GetArrayLength(); row++)
        {
            int[] ids = [.. expected.GetProperty("prompt_ids")[row].EnumerateArray().Select(id => id.GetInt32())];
            var padding = expected.TryGetProperty("attention_mask", out var mask)
                ? mask[row].EnumerateArray().Count(seen => seen.GetInt32() == 0)
                : 0;
            prompts.Add(ids[padding..]);
            answers.Add([.. expected.GetProperty("sequences")[row].EnumerateArray().Skip(ids.Length).Select(id => id.GetInt32())]);
        }

        var actual = GreedyGenerator.Generate(
            model,
            prompts,
            expected.GetProperty("max_new_tokens").GetInt32(),
            endIds: new HashSet<int>(),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(answers, actual.Select(answer => answer.ToArray()));
    }

    private static void AssertAdapterGradients(
        CausalLM model,
        LoraAdapter adapter,
        Dictionary<string, Tensor> inputs,
        string file,
        string loss,
        string norms,
        double lossTolerance
    )
    {
        using var figures = JsonDocument.Parse(File.ReadAllText(file));
        var parameters = adapter
            .Parameters()
            .ToDictionary(parameter => $"base_model.model.{parameter.Name}", parameter => parameter.Tensor);
        var batch = BatchOf(inputs["input_ids"], inputs["labels"]);
        var actual = AnswerLoss.Share(model, batch, batch.LearnedTokens);
        actual.backward();
        Assert.Equal(figures.RootElement.GetProperty(loss).GetDouble(), actual.item<float>(), lossTolerance);
        AssertGradients(figures.RootElement.GetProperty(norms), parameters);
    }

    private static void AssertGradients(JsonElement norms, IReadOnlyDictionary<string, Tensor> parameters)
    {
        foreach (var norm in norms.EnumerateObject())
        {
            var actual = GradientNormOf(norm.Name, parameters);
            Assert.True(
                Math.Abs(actual - norm.Value.GetDouble()) < 1e-6 + (GradientTolerance * norm.Value.GetDouble()),
                $"Gradient of {norm.Name}: {actual}, not {norm.Value}."
            );
        }
    }

    /// <summary>The library holds in one tensor what checkpoints hold an expert at a time.</summary>
    private static double GradientNormOf(string name, IReadOnlyDictionary<string, Tensor> parameters)
    {
        // a module in memory, a tensor in the file
        name = name.Replace("magnitude_vector.weight", "magnitude_vector", StringComparison.Ordinal);
        IEnumerable<string> parts = parameters.ContainsKey(name) ? [name] : parameters.Keys.Where(key => NameInLibrary(key) == name);
        Assert.NotEmpty(parts);
        return Math.Sqrt(parts.Sum(part => parameters[part].grad is { } gradient ? Math.Pow(gradient.norm().item<float>(), 2) : 0));
    }

    private static string NameInLibrary(string key)
    {
        var name = key.Replace("block_sparse_moe", "mlp", StringComparison.Ordinal);
        return name.Split(".") is [.. var layer, "experts", _, var map, "weight"]
            ? string.Join('.', [.. layer, "experts", map is "w2" or "down_proj" ? "down_proj" : "gate_up_proj"])
            : name;
    }

    private static void AssertClose(Tensor expected, Tensor actual, Tensor mask, double tolerance = LogitTolerance)
    {
        var difference = (expected - actual).abs().amax([-1]) * mask;
        Assert.True(difference.max().item<float>() < tolerance, $"Values differ by {difference.max().item<float>()}.");
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance = LogitTolerance)
    {
        var difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference < tolerance, $"Values differ by {difference}.");
    }
}
