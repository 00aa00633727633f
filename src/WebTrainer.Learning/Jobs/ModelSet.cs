using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>The base model and what was trained from it, by name: adapters share the base's weights, whole models have their own.</summary>
public sealed class ModelSet
{
    public const string BaseName = "base";
    private readonly ILanguageModel _base;
    private readonly Dictionary<string, (ILanguageModel Model, LoraAdapter? Adapter)> _named = [];

    /// <param name="baseModel">Its folder.</param>
    /// <param name="precision">How the weights are kept; adapters always are as they were trained.</param>
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

    /// <summary>Of the base.</summary>
    public ModelConfig Config => _base.Config;

    public int ContextTokens => _base.Config.ContextTokens;
}
