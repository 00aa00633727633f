using System.Text.Json;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>Reads and writes adapters as PEFT does: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
public static class PeftFolder
{
    private const string ConfigFile = PeftFiles.Config,
        WeightsFile = PeftFiles.Weights,
        Prefix = "base_model.model.";
    private const long MaximumConfigBytes = 1L << 20;

    /// <summary>Whether the folder holds an <c>adapter_config.json</c>; that it can be read is not looked at.</summary>
    public static bool IsAdapter(string folder) => File.Exists(Path.Combine(folder, ConfigFile));

    /// <param name="folder">Made where it isn't there.</param>
    /// <param name="adapter">What is written: every update's <see cref="IWeightUpdate.Saved"/>, and a classifier's head.</param>
    /// <param name="baseName">What PEFT loads the base by: its name on the hub where that is known
    /// (<see cref="ModelOrigin.NameOf"/>).</param>
    public static void Save(string folder, LoraAdapter adapter, string baseName)
    {
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var tensors = new Dictionary<string, Tensor>();
        var ofExperts = adapter.Experts.SelectMany(factors => factors.Experts.SelectMany(maps => maps.Select(map => map.Name))).ToHashSet();
        foreach (var (key, tensor) in adapter.Experts.SelectMany(factors => factors.Write(adapter.Updates)))
        {
            tensors[key] = tensor;
        }

        foreach (var (name, update) in adapter.Updates.Where(pair => !ofExperts.Contains(pair.Key)))
        {
            foreach (var (part, tensor) in update.Saved)
            {
                tensors[$"{Prefix}{name}.{part}"] = tensor;
            }
        }

        foreach (var (name, tensor) in adapter.Head)
        {
            tensors[Prefix + name] = tensor;
        }

        Safetensors.Write(Path.Combine(folder, WeightsFile), tensors);
        AtomicFile.WriteAllText(
            Path.Combine(folder, ConfigFile),
            PeftDescription.Of(adapter, baseName).ToJsonString(new JsonSerializerOptions { WriteIndented = true })
        );
    }

    /// <summary>Reads an adapter; that of a classifier brings its head along, which takes the place of the model's.</summary>
    /// <exception cref="ModelFileException">The folder is no LoRA adapter for this model.</exception>
    public static LoraAdapter Load(string folder, ITunable model, CancellationToken cancellationToken = default) =>
        Load(folder, model, dropout: null, cancellationToken);

    /// <summary>As the other.</summary>
    /// <param name="dropout">Of a training that goes on from it; null for that of the file.</param>
    /// <exception cref="ModelFileException">The folder is no LoRA adapter for this model.</exception>
    internal static LoraAdapter Load(string folder, ITunable model, double? dropout, CancellationToken cancellationToken)
    {
        var config = ReadConfig(Path.Combine(folder, ConfigFile), model);
        config = config with { Dropout = dropout ?? config.Dropout };
        var path = Path.Combine(folder, WeightsFile);
        var header = Safetensors.ReadHeader(path);
        var classifier = model as SequenceClassifier;
        var experts = ExpertFactors.Select(config, model, Prefix);
        var expertShapes = experts.SelectMany(factors => factors.Shapes(config.Rank)).ToList();
        var shapes = config
            .Select(model)
            .ToDictionary(
                projection => projection,
                projection => ShapesOf(config, projection, ReferenceEquals(projection, model.Embedding))
            );
        Dictionary<Projection, string> whole = classifier is null
            ? config.SelectWhole(model).ToDictionary(projection => projection, projection => $"{Prefix}{projection.Name}.weight")
            : [];
        var head = classifier is null
            ? []
            : classifier
                .HeadParameters.Where(pair => config.Whole.Contains(ModuleOf(pair.Key)))
                .ToDictionary(pair => Prefix + pair.Key, pair => pair.Value);
        CheckShapes(
            header,
            [
                .. shapes.SelectMany(pair => pair.Value),
                .. expertShapes,
                .. whole.Select(pair => KeyValuePair.Create(pair.Value, (long[])[pair.Key.Matrix.Outputs, pair.Key.Matrix.Inputs])),
                .. head.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.shape)),
            ]
        );
        var copies = model
            .Projections.Select(projection => (Projection: projection, Key: $"{Prefix}{projection.Name}.base_layer.weight"))
            .Where(copy => header.Entries.ContainsKey(copy.Key))
            .ToList();
        if (
            header
                .Entries.Keys.Except(copies.Select(copy => copy.Key))
                .Except(shapes.SelectMany(pair => pair.Value.Keys))
                .Except(expertShapes.Select(pair => pair.Key))
                .Except(whole.Values)
                .Except(head.Keys)
                .FirstOrDefault() is
            { } unknown
        )
        {
            throw new ModelFileException($"The adapter has '{unknown}', which its targets don't explain.");
        }

        var tensors = Safetensors.Read(path, cancellationToken);
        using var scope = NewDisposeScope();
        copies.ForEach(copy => RequireSame(copy.Projection, tensors[copy.Key]));
        var updates = shapes.ToDictionary(
            pair => pair.Key.Name,
            pair =>
                Build(
                    config,
                    pair.Key.Name,
                    [.. pair.Value.Keys.Select(key => Wide(tensors[key]))],
                    ReferenceEquals(pair.Key, model.Embedding)
                )
        );
        foreach (var (projection, key) in whole)
        {
            updates[projection.Name] = new WholeUpdate(Wide(tensors[key]), projection.Matrix);
        }

        foreach (var (name, update) in experts.SelectMany(factors => factors.Read(config, tensors, Wide)))
        {
            if (!updates.TryAdd(name, update))
            {
                throw new ModelFileException($"The adapter changes '{name}' twice: by itself and with all experts (target_parameters).");
            }
        }

        using var _ = no_grad();
        foreach (var (key, parameter) in head)
        {
            parameter.copy_(tensors[key]);
        }

        return new(config, updates)
        {
            Task = LoraAdapter.TaskOf(model),
            Experts = experts,
            Head = classifier?.HeadParameters ?? new Dictionary<string, Tensor>(),
        };

        Tensor Wide(Tensor tensor) => tensor.to(ScalarType.Float32).to(model.Device).DetachFromDisposeScope();
    }

    /// <summary>PEFT writes a copy of the embedding or head that an adapter changes; it must be the base's own.</summary>
    private static void RequireSame(Projection projection, Tensor copy)
    {
        using var scope = NewDisposeScope();
        var own = projection.Matrix.ToDense();
        if (
            !own.shape.AsSpan().SequenceEqual(copy.shape)
            || !own.allclose(copy.to(ScalarType.Float32).to(own.device), rtol: 1e-2, atol: 1e-4)
        )
        {
            throw new ModelFileException(
                $"The adapter brings other weights for '{projection.Name}' than its base has (new tokens, or a base that was changed), which can't be read here."
            );
        }
    }

    /// <param name="config">Says which of the methods it is.</param>
    /// <param name="name">Of the map, for its own rank and alpha.</param>
    /// <param name="tensors">In the order of <see cref="ShapesOf"/>.</param>
    /// <param name="embedding">The map is an embedding, whose factors have names of their own.</param>
    private static IWeightUpdate Build(LoraConfig config, string name, Tensor[] tensors, bool embedding)
    {
        if (config.Adaptive)
        {
            return new AdaLoraUpdate(tensors[0], tensors[1], tensors[2], config.Alpha, config.Dropout);
        }

        var low = new LowRankUpdate(tensors[0], tensors[1], config.ScaleOf(name), config.Dropout, embedding);
        return config.WeightDecomposed ? new DoraUpdate(low, tensors[2]) : low;
    }

    /// <summary>What the file must hold for a map: A, B, and the magnitudes of DoRA or the singular values of AdaLoRA.</summary>
    private static Dictionary<string, long[]> ShapesOf(LoraConfig config, Projection projection, bool embedding)
    {
        var rank = config.RankOf(projection.Name);
        var (input, output) = (projection.Matrix.Inputs, projection.Matrix.Outputs);
        var name = Prefix + projection.Name;
        if (config.Adaptive)
        {
            return new()
            {
                [$"{name}.lora_A"] = [rank, input],
                [$"{name}.lora_B"] = [output, rank],
                [$"{name}.lora_E"] = [rank, 1],
            };
        }

        var shapes = embedding
            ? new Dictionary<string, long[]> { [$"{name}.lora_embedding_A"] = [rank, output], [$"{name}.lora_embedding_B"] = [input, rank] }
            : new Dictionary<string, long[]> { [$"{name}.lora_A.weight"] = [rank, input], [$"{name}.lora_B.weight"] = [output, rank] };
        if (config.WeightDecomposed)
        {
            shapes[$"{name}.lora_magnitude_vector"] = [output];
        }

        return shapes;
    }

    private static void CheckShapes(SafetensorsHeader header, IEnumerable<KeyValuePair<string, long[]>> expected)
    {
        foreach (var (key, shape) in expected)
        {
            if (!header.Entries.TryGetValue(key, out var entry))
            {
                throw new ModelFileException($"The adapter lacks '{key}'.");
            }

            if (!entry.Shape.AsSpan().SequenceEqual(shape))
            {
                throw new ModelFileException(
                    $"The adapter was made for another base model: '{key}' is [{string.Join(", ", entry.Shape)}], not [{string.Join(", ", shape)}]."
                );
            }
        }
    }

    private static LoraConfig ReadConfig(string path, ITunable model)
    {
        ModelFileException.ThrowIfTooLarge(path, MaximumConfigBytes);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 16 });
            return PeftTargets.Resolve(ReadConfig(document.RootElement), document.RootElement, model);
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelFileException($"{ConfigFile} can't be read: {exception.Message}", exception);
        }
    }

    private static LoraConfig ReadConfig(JsonElement root)
    {
        var type = root.GetProperty("peft_type").GetString();
        if (type is not ("LORA" or "ADALORA"))
        {
            throw new ModelFileException($"The adapter is of the type '{type}'; LORA and ADALORA can be read.");
        }

        var adaptive = type == "ADALORA";

        PeftKeys.RefuseUnknown(root);
        if (ModelConfig.Optional(root, "bias")?.GetString() is not (null or "none") and var bias)
        {
            throw new ModelFileException($"The adapter learned biases too (bias: {bias}), which can't be read here.");
        }

        return new(
            root.GetProperty(adaptive ? "init_r" : "r").GetInt32(),
            root.GetProperty("lora_alpha").GetDouble(),
            ModelConfig.Optional(root, "lora_dropout")?.GetDouble() ?? 0,
            root.GetProperty("target_modules") is { ValueKind: not JsonValueKind.Null } targets ? TargetsOf(targets) : [],
            IsSet(root, "use_rslora"),
            IsSet(root, "use_dora"),
            adaptive
        )
        {
            TargetRank = adaptive ? ModelConfig.Optional(root, "target_r")?.GetInt32() ?? 8 : 0,
            // AdaLoRA's pattern lists the singular values that stayed, not ranks of matrices.
            Ranks = adaptive ? [] : PatternOf(root, "rank_pattern", value => value.GetInt32()),
            Alphas = PatternOf(root, "alpha_pattern", value => value.GetDouble()),
            Whole = ModelConfig.Optional(root, "modules_to_save") is { ValueKind: JsonValueKind.Array } whole ? TargetsOf(whole) : [],
            Parameters =
                ModelConfig.Optional(root, "target_parameters") is { } parameters && !ConfigKeys.IsOff(parameters)
                    ? TargetsOf(parameters)
                    : [],
        };
    }

    /// <summary>The module of a head's tensor that PEFT saves whole: its first name.</summary>
    internal static string ModuleOf(string name) => name.Split('.')[0];

    private static bool IsSet(JsonElement root, string name) => ModelConfig.Optional(root, name) is { ValueKind: JsonValueKind.True };

    private static IReadOnlyList<string> TargetsOf(JsonElement targets) =>
        targets.ValueKind == JsonValueKind.Array
            ? [.. targets.EnumerateArray().Select(target => target.GetString() ?? "")]
            : [targets.GetString() ?? ""]; // all-linear, or a pattern

    private static Dictionary<string, T> PatternOf<T>(JsonElement root, string name, Func<JsonElement, T> read) =>
        ModelConfig.Optional(root, name) is { } pattern
            ? pattern.EnumerateObject().ToDictionary(entry => entry.Name, entry => read(entry.Value))
            : [];
}
