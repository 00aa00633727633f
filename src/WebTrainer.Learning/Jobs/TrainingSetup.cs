using System.Globalization;
using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Learning.Templates;
using WebTrainer.Tokenizing;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>Everything a training needs, made from its spec; planning uses the same, so that it sees what training would do.</summary>
public sealed class TrainingSetup
{
    private TrainingSetup(CausalLM model, ConversationEncoder encoder, IReadOnlyList<TokenRow> rows, LengthGroupedSource source, Trainer trainer, LoraAdapter? adapter, MemoryEstimate memory)
    {
        Model = model;
        Encoder = encoder;
        Rows = rows;
        Source = source;
        Trainer = trainer;
        Adapter = adapter;
        Memory = memory;
    }

    public CausalLM Model { get; }

    public ConversationEncoder Encoder { get; }

    public IReadOnlyList<TokenRow> Rows { get; }

    public LengthGroupedSource Source { get; }

    public Trainer Trainer { get; }

    /// <summary>Null where all weights learn.</summary>
    public LoraAdapter? Adapter { get; }

    /// <summary>What the run takes, as reckoned before anything was loaded.</summary>
    public MemoryEstimate Memory { get; }

    public int PaddingId => PaddingOf(Encoder.Tokenizer);

    /// <exception cref="ModelFileException">The base model can't be used.</exception>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static TrainingSetup Create(RunSpec spec, CancellationToken cancellation)
    {
        var device = JobDevice.Prepare(spec);
        var compute = ComputeType.For(device);
        var full = spec.Method.Method == TuningMethod.Full;
        var tokenizer = TextTokenizer.Load(spec.BaseModel);
        var precision = spec.Method.Method == TuningMethod.QLoRA ? WeightPrecision.FourBits : WeightPrecision.Full;
        var config = ModelConfig.Read(spec.BaseModel);
        var encoder = new ConversationEncoder(tokenizer, ChatFormats.Of(spec.BaseModel, spec.Template), Math.Min(spec.Training.ContextTokens, config.ContextTokens));
        var train = spec.Data?.Train ?? throw new DataException("The spec names no training rows.");
        Objectives.Check(spec);
        var rows = RowEncoding.All(DatasetReader.ReadRows(train, cancellation), Objectives.Encoding(spec, encoder), cancellation);
        var memory = MemoryCheck.Check(config, spec, rows, encoder.ContextTokens, compute == ScalarType.Float32 ? 4 : 2, spec.Device == "cpu" ? AvailableMemory.Read() : null);
        var model = ModelStore.Load(spec.BaseModel, full ? ScalarType.Float32 : compute, compute, device, precision, cancellation);
        var adapter = full ? null : LoraAdapter.Create(model, spec.Method, spec.Seed);
        adapter?.Attach(model);
        var parameters = adapter?.Parameters() ?? AllWeights(model);
        var source = new LengthGroupedSource(rows, spec.Training, new PromptDropout(spec.Training.PromptDropout, tokenizer.IsSpecial, spec.Seed), spec.Seed);
        var optimizer = OptimizerOf(spec, adapter, parameters, source.TotalSteps);
        var settings = new TrainerSettings(
            spec.Seed, spec.Training.MaxGradientNorm, PaddingOf(tokenizer), spec.Training.Packing ? encoder.ContextTokens : 0, spec.Training.GradientCheckpointing);
        return new(model, encoder, rows, source, new Trainer(model, parameters, optimizer, settings, Objectives.Of(spec, model, adapter, cancellation)), adapter, memory);
    }

    private static IOptimizer OptimizerOf(RunSpec spec, LoraAdapter? adapter, List<TrainedParameter> parameters, int totalSteps)
    {
        var optimizer = new AdamW(parameters, new AdamWSettings(spec.Training.WeightDecay));
        if (adapter is not { Config.Adaptive: true })
        {
            return optimizer;
        }

        var updates = adapter.Updates.ToDictionary(pair => pair.Key, pair => (AdaLoraUpdate)pair.Value);
        return new AdaLoraOptimizer(optimizer, updates, new AdaLoraBudget(updates.Count * adapter.Config.Rank, updates.Count * adapter.Config.TargetRank, totalSteps));
    }

    /// <summary>All that decides the course of a run, by name; folders may move, so the base model counts by its sizes.</summary>
    public IReadOnlyDictionary<string, string> Course(RunSpec spec)
    {
        var course = new Dictionary<string, string>
        {
            ["seed"] = spec.Seed.ToString(CultureInfo.InvariantCulture),
            ["device"] = spec.Device,
            ["threads"] = spec.Threads.ToString(CultureInfo.InvariantCulture),
            ["training data"] = spec.Data?.Train?.Sha256 ?? "",
            ["base model"] = Model.Config.ToString(),
        };
        Add("template", spec.Template);
        Add("method", spec.Method);
        Add("objective", spec.Objective);
        Add("training", spec.Training);
        return course;

        void Add(string group, object settings)
        {
            foreach (var (name, value) in JsonSerializer.SerializeToNode(settings, ProtocolJson.Line)!.AsObject())
            {
                course[$"{group}.{name}"] = value?.ToJsonString() ?? "not set";
            }
        }
    }

    private static List<TrainedParameter> AllWeights(CausalLM model)
    {
        foreach (var tensor in model.Parameters.Values)
        {
            tensor.requires_grad = true;
        }

        return [.. model.Parameters.Select(pair => TrainedParameter.Of(pair.Key, pair.Value))];
    }

    private static int PaddingOf(TextTokenizer tokenizer) => tokenizer.PaddingId ?? tokenizer.EndId ?? 0;
}
