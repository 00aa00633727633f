using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>The base model and what was trained from it, by name: adapters share the base's weights, whole models have their own.</summary>
public sealed class ModelSet
{
    /// <summary>The name under which the base without adapters answers; no adapter can have it.</summary>
    public const string BaseName = "base";
    private readonly ILanguageModel _base;
    private readonly Dictionary<string, (ILanguageModel Model, LoraAdapter? Adapter)> _named = [];

    /// <param name="baseModel">Its folder.</param>
    /// <param name="adapters">Name and folder of each; a folder without <c>adapter_config.json</c> is a whole model.</param>
    /// <param name="precision">How the weights are kept; adapters always are as they were trained.</param>
    /// <param name="device">Holds all of the weights.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">A model or adapter can't be used; the message says which.</exception>
    public ModelSet(
        string baseModel,
        IReadOnlyList<NamedAdapter> adapters,
        WeightPrecision precision,
        Device device,
        CancellationToken cancellationToken
    )
    {
        var compute = ComputeType.For(device);
        _base = ModelStore.LoadLanguageModel(baseModel, compute, compute, device, precision, cancellationToken);
        _named[BaseName] = (_base, null);
        foreach (var (name, path) in adapters)
        {
            try
            {
                var entry = PeftFolder.IsAdapter(path)
                    ? (_base, PeftFolder.Load(path, _base, cancellationToken))
                    : (ModelStore.LoadLanguageModel(path, compute, compute, device, precision, cancellationToken), null);
                if (!_named.TryAdd(name, entry))
                {
                    throw new ModelFileException("the name is taken.");
                }
            }
            catch (ModelFileException exception)
            {
                throw new ModelFileException($"The adapter '{name}' can't be used: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Names that <see cref="Use"/> knows, the base's first among them.</summary>
    public IEnumerable<string> Names => _named.Keys;

    /// <summary>The named model, ready to run: its adapter is attached to the base until another is asked for.</summary>
    /// <returns>Null when no model has the name.</returns>
    public ILanguageModel? Use(string name)
    {
        if (Find(name) is not { } entry)
        {
            return null;
        }

        AdapterMix.Attach(entry.Model, [entry.Adapter]);
        return entry.Model;
    }

    /// <summary>The weights that answer to a name, and what changes them.</summary>
    /// <returns>Null when no model has the name.</returns>
    public (ILanguageModel Model, LoraAdapter? Adapter)? Find(string name) => _named.TryGetValue(name, out var entry) ? entry : null;

    /// <summary>Sizes and shape of the base, whichever model is in use.</summary>
    public ModelConfig Config => _base.Config;

    /// <summary>Longest sequence of the base, in tokens, for all models of the set.</summary>
    public int ContextTokens => _base.Config.ContextTokens;
}
