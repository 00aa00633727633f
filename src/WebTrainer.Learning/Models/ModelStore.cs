using WebTrainer.Learning.Checkpoints;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Makes new decoders and keeps them in Hugging Face folders.</summary>
public static class ModelStore
{
    private const string WeightsFile = "model.safetensors";

    /// <summary>New random weights: normal with deviation 0.02, and 0.02/√(2·layers) where a block writes to the residual stream (GPT-2).</summary>
    public static CausalLM Create(ModelConfig config, ScalarType computeType, long seed)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed);
        var residual = 0.02 / Math.Sqrt(2.0 * config.Layers);
        var parameters = new Dictionary<string, Tensor>();
        foreach (var (name, shape) in ParameterShapes.Of(config))
        {
            var deviation = name.Contains("o_proj", StringComparison.Ordinal) || name.Contains("down_proj", StringComparison.Ordinal) ? residual : 0.02;
            parameters[name] = (shape.Length == 1 ? ones(shape) : randn(shape, generator: generator) * deviation).DetachFromDisposeScope();
        }

        return new CausalLM(config, parameters, computeType);
    }

    /// <param name="storageType">Type the weights are kept in; activations use <paramref name="computeType"/>.</param>
    /// <exception cref="ModelFileException">The folder is no model that can be read here.</exception>
    public static CausalLM Load(string folder, ScalarType storageType, ScalarType computeType, Device device, CancellationToken cancellation = default)
    {
        var config = ModelConfig.Read(folder);
        var path = WeightsPath(folder);
        Check(config, Safetensors.ReadHeader(path));
        using var scope = NewDisposeScope();
        var files = Safetensors.Read(path, cancellation);
        var parameters = new Dictionary<string, Tensor>();
        foreach (var (name, _) in ParameterShapes.Of(config))
        {
            parameters[name] = files[name].to(storageType).to(device).DetachFromDisposeScope();
            if (!ReferenceEquals(parameters[name], files[name]))
            {
                files[name].Dispose();
            }
        }

        return new CausalLM(config, parameters, computeType);
    }

    /// <summary>Writes <c>config.json</c> and the weights.</summary>
    public static void Save(string folder, ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters, ScalarType type)
    {
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        config.Write(folder);
        Safetensors.Write(Path.Combine(folder, WeightsFile), parameters.ToDictionary(pair => pair.Key, pair => pair.Value.detach().to(type)));
    }

    private static string WeightsPath(string folder)
    {
        var path = Path.Combine(folder, WeightsFile);
        if (File.Exists(path))
        {
            return path;
        }

        var pickles = Directory.Exists(folder) && Directory.EnumerateFiles(folder).Any(file => Path.GetExtension(file) is ".bin" or ".pt" or ".pth" or ".ckpt");
        throw new ModelFileException(pickles
            ? "The folder has its weights as pickle (.bin, .pt, .ckpt), which can run code when read; convert them to model.safetensors."
            : $"The folder has no {WeightsFile}.");
    }

    private static void Check(ModelConfig config, SafetensorsHeader header)
    {
        foreach (var (name, shape) in ParameterShapes.Of(config))
        {
            if (!header.Entries.TryGetValue(name, out var entry))
            {
                throw new ModelFileException($"The weights lack '{name}', which config.json calls for.");
            }

            if (!entry.Shape.AsSpan().SequenceEqual(shape))
            {
                throw new ModelFileException($"'{name}' is [{string.Join(", ", entry.Shape)}], but config.json calls for [{string.Join(", ", shape)}].");
            }
        }
    }
}
