using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Export;

/// <summary>
/// The weights of a decoder, with an adapter's changes or without, one at a time: files are mapped, and a change is added to one matrix
/// when that is read, so that no copy of the model is in memory.
/// </summary>
internal sealed class TunedWeights : IDisposable
{
    private readonly WeightFiles _files;
    private readonly CausalLM? _model;
    private readonly LoraAdapter? _adapter;
    private readonly Dictionary<string, Projection> _changed = [];

    /// <param name="folder">A Hugging Face folder of a decoder.</param>
    /// <param name="adapter">PEFT folder made for it; null for the model as it is.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">The folder is no decoder, or the adapter is none of it.</exception>
    public TunedWeights(string folder, string? adapter, CancellationToken cancellationToken)
    {
        _files = new WeightFiles(folder);
        Config = ModelConfig.Read(folder);
        if (Config.IsTextPart)
        {
            Config = Config with { TiedHead = _files.Find("lm_head.weight") is null };
        }

        if (adapter is null || Config.BothWays || Config.IsEncoderDecoder)
        {
            return;
        }

        // In the type that the files have, tensors lie over the mapped files.
        var type = _files.TypeOf(_files.Find(ModelNames.Of(Config).Embedding + ".weight") ?? _files.Names.First());
        _model = ModelStore.Load(folder, type, ScalarType.Float32, CPU, cancellationToken: cancellationToken);
        _adapter = PeftFolder.Load(adapter, _model, cancellationToken);
        _changed = _model.Projections.Where(map => _adapter.Updates.ContainsKey(map.Name)).ToDictionary(map => map.Name + ".weight");
        if (Config.TiedHead && (_changed.ContainsKey(Head) || _changed.ContainsKey(_model.Embedding.Name + ".weight")))
        {
            Config = Config with { TiedHead = false }; // what was changed apart can't be one any more
        }
    }

    /// <summary>With a head of its own where the adapter parted it from the embedding.</summary>
    public ModelConfig Config { get; }

    private string Head => ModelNames.Of(Config).Head + ".weight";

    /// <param name="name">As in <see cref="ParameterShapes"/> of <see cref="Config"/>.</param>
    /// <returns>In the type of the files, or float32 where it was changed; owned by the scope of who calls.</returns>
    public Tensor Read(string name)
    {
        if (_changed.TryGetValue(name, out var map))
        {
            return AdapterMerge.Merged(map, _adapter!.Updates[map.Name]);
        }

        // A head that was parted from an embedding which alone changed is the embedding as it was.
        var source = _files.Find(name) ?? (name == Head ? _files.Find(ModelNames.Of(Config).Embedding + ".weight") : null);
        return source is not null
            ? _files.Read(source)
            : throw new ModelFileException($"The weights lack '{name}', which config.json calls for.");
    }

    /// <summary>Frees the adapter and lets go of the files.</summary>
    public void Dispose()
    {
        _adapter?.Dispose();
        foreach (var weight in _model?.Parameters.Values ?? [])
        {
            weight.Dispose();
        }

        _files.Release();
    }
}
