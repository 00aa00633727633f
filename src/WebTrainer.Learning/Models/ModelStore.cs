using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Quantization;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Makes new decoders, and loads models from Hugging Face folders.</summary>
public static class ModelStore
{
    private const string WeightsFile = "model.safetensors";
    private const double HeadDeviation = 0.02;

    /// <summary>What stands beside the weights in a model's folder.</summary>
    private static readonly string[] s_texts =
    [
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "chat_template.jinja",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "tokenizer.model",
        "sentencepiece.bpe.model",
        "spiece.model",
        ConfirmedKeys.FileName,
    ];

    /// <summary>
    /// New random weights: normal with deviation 0.02, and 0.02/√(2·layers) where a block writes to the residual stream (GPT-2).
    /// </summary>
    public static CausalLM Create(ModelConfig config, ScalarType computeType, long seed)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed);
        var residual = 0.02 / Math.Sqrt(2.0 * config.Layers);
        var parameters = new Dictionary<string, Tensor>();
        foreach (var (name, shape) in ParameterShapes.Of(config))
        {
            var deviation =
                name.Contains("o_proj", StringComparison.Ordinal) || name.Contains("down_proj", StringComparison.Ordinal) ? residual : 0.02;
            parameters[name] = (shape.Length == 1 ? ones(shape) : randn(shape, generator: generator) * deviation).DetachFromDisposeScope();
        }

        return new CausalLM(config, new ModelWeights(parameters), computeType);
    }

    /// <param name="folder">A Hugging Face folder of a decoder.</param>
    /// <param name="storageType">Type the weights are kept in; activations use <paramref name="computeType"/>.</param>
    /// <param name="computeType">Type of activations.</param>
    /// <param name="device">Holds the weights.</param>
    /// <param name="precision">How the maps inside the layers are kept.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">The folder is no decoder that can be read here.</exception>
    public static CausalLM Load(
        string folder,
        ScalarType storageType,
        ScalarType computeType,
        Device device,
        WeightPrecision precision = WeightPrecision.Full,
        CancellationToken cancellationToken = default
    )
    {
        var config = ModelConfig.Read(folder);
        if (config.BothWays || config.IsEncoderDecoder)
        {
            throw new ModelFileException(
                $"'{config.Type}' models don't continue text; choose a decoder such as Llama, Mistral, Qwen, Gemma or Phi."
            );
        }

        // What config.json says of tying is at one of two places in models of images, and wrong in some; the weights decide.
        config = config.IsTextPart ? config with { TiedHead = new WeightFiles(folder).Find("lm_head.weight") is null } : config;
        var model = new CausalLM(config, Read(folder, config, storageType, device, cancellationToken), computeType);
        return WeightPacking.Pack(model, precision);
    }

    /// <exception cref="ModelFileException">The folder is no encoder that can be read here.</exception>
    public static TextEncoder LoadEncoder(string folder, ScalarType type, Device device, CancellationToken cancellationToken = default) =>
        LoadEncoder(folder, type, device, WeightPrecision.Full, cancellationToken);

    /// <param name="folder">A Hugging Face folder of an encoder.</param>
    /// <param name="type">Of weights and activations.</param>
    /// <param name="device">Holds the weights.</param>
    /// <param name="precision">How the maps inside the layers are kept.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">The folder is no encoder that can be read here.</exception>
    public static TextEncoder LoadEncoder(
        string folder,
        ScalarType type,
        Device device,
        WeightPrecision precision,
        CancellationToken cancellationToken
    )
    {
        var config = ReadEncoder(folder);
        config = config with { Pooler = HasPooler(folder, config) };
        return WeightPacking.Pack(new TextEncoder(config, Read(folder, config, type, device, cancellationToken), type), precision);
    }

    /// <summary>Loads an encoder with a head that classifies.</summary>
    /// <param name="folder">A Hugging Face folder of an encoder, or of a classifier.</param>
    /// <param name="fresh">The head to put on the folder's encoder, new from the seed (N(0, 0.02²), no offset) but for what it shares with
    /// the checkpoint (BERT's pooler); null for the head the folder has.</param>
    /// <param name="storageType">Type the encoder's weights are kept in; activations use <paramref name="computeType"/>, the head
    /// float32.</param>
    /// <param name="computeType">Type of the encoder's activations.</param>
    /// <param name="device">Holds the weights.</param>
    /// <param name="precision">How the maps inside the layers are kept.</param>
    /// <param name="seed">Of a new head's weights.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">The folder is no encoder that can be read here, or has no head and none was asked
    /// for.</exception>
    public static SequenceClassifier LoadClassifier(
        string folder,
        HeadConfig? fresh,
        ScalarType storageType,
        ScalarType computeType,
        Device device,
        WeightPrecision precision = WeightPrecision.Full,
        long seed = 0,
        CancellationToken cancellationToken = default
    )
    {
        var config = ReadEncoder(folder);
        var head = fresh ?? HeadConfig.Read(folder);
        head.CheckFor(config.Type);
        var shape = HeadShape.Of(config, head, ModelConfig.ReadRoot(folder));
        // Other heads leave BERT's pooler out, as the families' classes do: it would be weights that nothing uses.
        config = config with
        {
            Pooler = shape.Dense == ModelNames.Of(config).Pooler && HasPooler(folder, config),
        };
        var weights = Read(folder, config, storageType, device, cancellationToken);
        List<(string Name, long[] Shape)> own =
        [
            .. shape.Parameters(config, head.Labels.Count).Where(part => !weights.Tensors.ContainsKey(part.Name)),
        ];
        var parameters = fresh is null ? Read(folder, own, ScalarType.Float32, device, cancellationToken) : Fresh(own, seed, device);
        return WeightPacking.Pack(new SequenceClassifier(new(config, weights, computeType), head, shape, parameters), precision);
    }

    /// <summary>
    /// Writes a classifier's weights as a folder that <see cref="LoadClassifier"/> reads back: the base's configuration with the head in
    /// it, and its tokenizer. transformers loads it if the head is the family's (<see cref="HeadKind.Family"/>).
    /// </summary>
    /// <param name="folder">Made where it isn't there.</param>
    /// <param name="baseFolder">Gives configuration and tokenizer.</param>
    /// <param name="head">Written into <c>config.json</c>.</param>
    /// <param name="parameters">Encoder and head, by the names in the checkpoint.</param>
    /// <param name="type">That weights are written in.</param>
    public static void SaveClassifier(
        string folder,
        string baseFolder,
        HeadConfig head,
        IReadOnlyDictionary<string, Tensor> parameters,
        ScalarType type
    )
    {
        var root = JsonObject.Create(ModelConfig.ReadRoot(baseFolder))!;
        head.Write(root);
        SaveTuned(folder, baseFolder, parameters, type);
        AtomicFile.WriteAllText(Path.Combine(folder, "config.json"), root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    internal static SequenceClassifier PutHead(TextEncoder encoder, string folder, HeadConfig head, long seed)
    {
        head.CheckFor(encoder.Config.Type);
        var shape = HeadShape.Of(encoder.Config, head, ModelConfig.ReadRoot(folder));
        var own = shape.Parameters(encoder.Config, head.Labels.Count).Where(part => !encoder.Weights.Tensors.ContainsKey(part.Name));
        return new SequenceClassifier(encoder, head, shape, Fresh(own, seed, encoder.Device));
    }

    private static ModelConfig ReadEncoder(string folder)
    {
        var config = ModelConfig.Read(folder);
        return config.BothWays ? config : throw new ModelFileException($"'{config.Type}' models are no encoders.");
    }

    private static bool HasPooler(string folder, ModelConfig config) =>
        ModelNames.Of(config).Pooler is { Length: > 0 } pooler && new WeightFiles(folder).Find(pooler + ".weight") is not null;

    private static Dictionary<string, Tensor> Fresh(IEnumerable<(string Name, long[] Shape)> parameters, long seed, Device device)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, shape) in parameters)
        {
            var tensor =
                shape.Length == 2 ? randn(shape, generator: generator) * HeadDeviation
                : name.EndsWith(".weight", StringComparison.Ordinal) ? ones(shape) // of a norm
                : zeros(shape);
            tensors[name] = tensor.to(device).DetachFromDisposeScope();
        }

        return tensors;
    }

    /// <summary>Loads a model that answers in text, of whichever kind the folder holds.</summary>
    /// <param name="folder">A Hugging Face folder of a decoder or an encoder-decoder.</param>
    /// <param name="storageType">Type the weights are kept in; activations use <paramref name="computeType"/>.</param>
    /// <param name="computeType">Type of activations.</param>
    /// <param name="device">Holds the weights.</param>
    /// <param name="precision">How the maps inside the layers are kept.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">The folder is no decoder or encoder-decoder that can be read here.</exception>
    public static ILanguageModel LoadLanguageModel(
        string folder,
        ScalarType storageType,
        ScalarType computeType,
        Device device,
        WeightPrecision precision = WeightPrecision.Full,
        CancellationToken cancellationToken = default
    ) =>
        ModelConfig.Read(folder).IsEncoderDecoder
            ? LoadSequenceToSequence(folder, storageType, computeType, device, precision, cancellationToken)
            : Load(folder, storageType, computeType, device, precision, cancellationToken);

    /// <param name="folder">A Hugging Face folder of an encoder-decoder.</param>
    /// <param name="storageType">Type the weights are kept in; activations use <paramref name="computeType"/>.</param>
    /// <param name="computeType">Type of activations.</param>
    /// <param name="device">Holds the weights.</param>
    /// <param name="precision">How the maps inside the layers are kept.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">The folder is no encoder-decoder that can be read here.</exception>
    public static SequenceToSequenceLM LoadSequenceToSequence(
        string folder,
        ScalarType storageType,
        ScalarType computeType,
        Device device,
        WeightPrecision precision = WeightPrecision.Full,
        CancellationToken cancellationToken = default
    )
    {
        var config = ModelConfig.Read(folder);
        if (!config.IsEncoderDecoder)
        {
            throw new ModelFileException($"'{config.Type}' models are no encoder-decoders.");
        }

        // What config.json says of tying is wrong in some files; the weights decide.
        config = config with
        {
            TiedHead = new WeightFiles(folder).Find("lm_head.weight") is null,
        };
        var weights = Read(folder, config, storageType, device, cancellationToken);
        return WeightPacking.Pack(new SequenceToSequenceLM(config, weights, computeType), precision);
    }

    /// <summary>Writes <c>config.json</c> and the weights of a model made here.</summary>
    public static void Save(string folder, ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters, ScalarType type)
    {
        Directory.CreateDirectory(folder);
        config.Write(folder);
        WriteWeights(folder, parameters, type);
    }

    /// <summary>Writes changed weights with the configuration and tokenizer of the model they began as.</summary>
    public static void SaveTuned(string folder, string baseFolder, IReadOnlyDictionary<string, Tensor> parameters, ScalarType type)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in s_texts)
        {
            if (Path.Combine(baseFolder, name) is var source && File.Exists(source))
            {
                File.Copy(source, Path.Combine(folder, name), overwrite: true);
            }
        }

        if (TextPart.Find(ModelConfig.ReadRoot(baseFolder)) is { } part)
        {
            var config = JsonObject.Create(part)!;
            config["tie_word_embeddings"] = !parameters.ContainsKey("lm_head.weight");
            AtomicFile.WriteAllText(
                Path.Combine(folder, "config.json"),
                config.ToJsonString(new JsonSerializerOptions { WriteIndented = true })
            );
        }

        WriteWeights(folder, parameters, type);
    }

    private static void WriteWeights(string folder, IReadOnlyDictionary<string, Tensor> parameters, ScalarType type)
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(
            Path.Combine(folder, WeightsFile),
            parameters.ToDictionary(pair => pair.Key, pair => pair.Value.detach().to(type))
        );
    }

    private static ModelWeights Read(
        string folder,
        ModelConfig config,
        ScalarType storageType,
        Device device,
        CancellationToken cancellationToken
    ) => new(Read(folder, ParameterShapes.Of(config), storageType, device, cancellationToken));

    private static Dictionary<string, Tensor> Read(
        string folder,
        IEnumerable<(string Name, long[] Shape)> weights,
        ScalarType storageType,
        Device device,
        CancellationToken cancellationToken
    )
    {
        var files = new WeightFiles(folder);
        var found = weights.Select(weight => (weight.Name, Source: Check(files, weight.Name, weight.Shape))).ToList();
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, source) in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tensors[name] = files.Read(source).to(storageType).to(device).DetachFromDisposeScope();
        }

        files.Release();
        return tensors;
    }

    /// <returns>The name the files use.</returns>
    private static string Check(WeightFiles files, string name, long[] shape)
    {
        var source = files.Find(name) ?? throw new ModelFileException($"The weights lack '{name}', which config.json calls for.");
        var actual = files.ShapeOf(source);
        return actual.AsSpan().SequenceEqual(shape)
            ? source
            : throw new ModelFileException(
                $"'{name}' is [{string.Join(", ", actual)}], but config.json calls for [{string.Join(", ", shape)}]."
            );
    }
}
