using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>A classifier with all it needs to answer.</summary>
internal sealed record LoadedClassifier(
    SequenceClassifier Model,
    ClassifierSpec Classifier,
    ClassifierEncoder Encoder,
    LoraAdapter? Adapter
)
{
    public int PaddingId => Encoder.Tokenizer.PaddingId ?? Encoder.Tokenizer.EndId ?? 0;

    public ClassifierRunner Runner => new(Model, Classifier, Encoder, PaddingId);
}

/// <summary>
/// An encoder and the classifiers that were trained from it, by name: adapters share the encoder's weights, whole models have their own.
/// </summary>
internal sealed class ClassifierSet
{
    private readonly TextEncoder _base;
    private readonly TextTokenizer _tokenizer;
    private readonly Dictionary<string, LoadedClassifier> _named = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly Device _device;
    private SentenceEncoder? _sentences;

    /// <param name="baseModel">The encoder's folder.</param>
    /// <param name="adapters">Name and folder of each classifier, adapter or whole model.</param>
    /// <param name="precision">How the weights of the layers are kept; adapters and heads always are as they were trained.</param>
    /// <param name="device">Holds all of the weights.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">A model or adapter can't be used; the message says which.</exception>
    public ClassifierSet(
        string baseModel,
        IReadOnlyList<NamedAdapter> adapters,
        WeightPrecision precision,
        Device device,
        CancellationToken cancellationToken
    )
    {
        var compute = ComputeType.For(device);
        (_folder, _device) = (baseModel, device);
        _base = ModelStore.LoadEncoder(baseModel, compute, device, precision, cancellationToken);
        _tokenizer = TextTokenizer.Load(baseModel);
        foreach (var (name, path) in adapters)
        {
            try
            {
                if (!_named.TryAdd(name, Read(path, compute, device, precision, cancellationToken)))
                {
                    throw new ModelFileException("the name is taken.");
                }
            }
            catch (ModelFileException exception)
            {
                throw new ModelFileException($"The classifier '{name}' can't be used: {exception.Message}", exception);
            }
        }
    }

    public IEnumerable<string> Names => _named.Keys;

    /// <summary>The named classifier, ready to run: its adapter is attached to the encoder until another is asked for.</summary>
    /// <returns>Null when none has the name.</returns>
    public LoadedClassifier? Use(string name)
    {
        if (!_named.TryGetValue(name, out var loaded))
        {
            return null;
        }

        Attach(loaded.Adapter, loaded.Model);
        return loaded;
    }

    /// <summary>The encoder as it is, for vectors of texts.</summary>
    /// <exception cref="ModelFileException">It makes them in a way that is not known here.</exception>
    public SentenceEncoder UseEncoder()
    {
        foreach (var loaded in _named.Values.Where(one => one.Adapter is not null))
        {
            Attach(null, loaded.Model);
        }

        return _sentences ??= SentenceEncoder.Of(_base, _tokenizer, _folder, _device);
    }

    /// <summary>The untouched encoder with the means of the training rows' vectors as its head.</summary>
    public LoadedClassifier NearestMean(ClassifierSpec classifier, OwnData data, int contextTokens, CancellationToken cancellationToken)
    {
        var labels = data.Labels!;
        var encoder = new ClassifierEncoder(
            _tokenizer,
            classifier with
            {
                SoftLabels = false,
            },
            ClassifierInput.Of(data.Train),
            labels,
            Math.Min(contextTokens, _base.Config.ContextTokens)
        );
        var model = SequenceClassifier.On(
            _base,
            _folder,
            ClassifierHeads.Of(classifier with { Head = ClassifierHead.Mean }, _folder, labels),
            seed: 0
        );
        LoraAdapter.Detach(model);
        var loaded = new LoadedClassifier(model, classifier, encoder, null);
        var rows = RowEncoding.All(data.Train, row => [encoder.Encode(row)], cancellationToken);
        var vectors = ClassifierScores.VectorsOf(model, rows, loaded.PaddingId, progress: null, cancellationToken);
        var (weight, bias) = CentroidHead.Of(vectors, [.. rows.Select(row => row.Target!.Labels[0])], labels.Count);
        using var _ = no_grad();
        foreach (var parameter in model.HeadParameters)
        {
            parameter.Value.copy_(parameter.Value.dim() == 2 ? weight : bias);
        }

        weight.Dispose();
        bias.Dispose();
        return loaded;
    }

    private LoadedClassifier Read(
        string path,
        ScalarType compute,
        Device device,
        WeightPrecision precision,
        CancellationToken cancellationToken
    )
    {
        var file = ClassifierFile.Find(path) ?? throw new ModelFileException("it has no classifier.json, which says what its labels are.");
        var encoder = new ClassifierEncoder(_tokenizer, file.Classifier, file.Input, file.Classifier.Labels!, file.MaximumTokens);
        if (!PeftFolder.IsAdapter(path))
        {
            return new(
                ModelStore.LoadClassifier(path, fresh: null, compute, compute, device, precision, seed: 0, cancellationToken),
                file.Classifier,
                encoder,
                null
            );
        }

        var model = SequenceClassifier.On(_base, _folder, ClassifierHeads.Of(file.Classifier, _folder, file.Classifier.Labels!), seed: 0);
        return new(model, file.Classifier, encoder, PeftFolder.Load(path, model, cancellationToken));
    }

    private static void Attach(LoraAdapter? adapter, SequenceClassifier model)
    {
        if (adapter is null)
        {
            LoraAdapter.Detach(model);
        }
        else
        {
            adapter.Attach(model);
        }
    }
}
