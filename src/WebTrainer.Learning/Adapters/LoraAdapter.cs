using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>
/// Changes of some of a model's linear maps. Kept apart from the model, so that one base in memory serves many adapters:
/// attaching is setting a pointer in each map.
/// </summary>
/// <param name="Config">What all of the updates were made by.</param>
/// <param name="Updates">By the name of the map they change.</param>
public sealed record LoraAdapter(LoraConfig Config, IReadOnlyDictionary<string, IWeightUpdate> Updates) : IDisposable
{
    private const double Deviation = 0.02;

    /// <summary>
    /// A classifier's head, which was trained whole beside the maps (PEFT's <c>modules_to_save</c>), by the names in the checkpoint; empty
    /// for decoders.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Head { get; init; } = new Dictionary<string, Tensor>();

    /// <summary>Factors that a file holds for all experts of a layer at once (PEFT's <c>target_parameters</c>).</summary>
    internal IReadOnlyList<ExpertFactors> Experts { get; init; } = [];

    /// <summary>
    /// What it was when its training began, which never changes; null where that changed nothing. Its factors are no part of what learns.
    /// </summary>
    public LoraAdapter? Beginning { get; init; }

    /// <summary>PEFT's word for the kind of model, by which it knows the class that the adapter goes around.</summary>
    public string Task { get; init; } = "CAUSAL_LM";

    /// <summary>The course that AdaLoRA's singular values are taken away by; null where none is set, and for the other methods.</summary>
    public AdaLoraBudget? Budget { get; set; }

    /// <summary>Numbers that the adapter holds: factors, magnitudes or singular values, and a classifier's head.</summary>
    public long ParameterCount =>
        Updates.Values.Sum(update => update.Tensors.Sum(pair => pair.Value.NumberOfElements))
        + Head.Values.Sum(tensor => tensor.NumberOfElements);

    /// <summary>A fresh adapter, which changes nothing yet: one factor of each product is zero.</summary>
    /// <exception cref="ModelFileException">A target names no part of the model, or none that the method can change.</exception>
    public static LoraAdapter Create(ITunable model, MethodSpec method, long seed)
    {
        var config = LoraConfig.Of(method);
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed);
        var updates = new Dictionary<string, IWeightUpdate>();
        foreach (var projection in config.Select(model))
        {
            var embedding = ReferenceEquals(projection, model.Embedding);
            if (embedding && (config.WeightDecomposed || config.Adaptive))
            {
                throw new ModelFileException("DoRA and AdaLoRA change linear maps, not embeddings; take the embedding out of the targets.");
            }

            if (embedding && config.Principal)
            {
                throw new ModelFileException("PiSSA begins linear maps only; take the embedding out of the targets.");
            }

            updates[projection.Name] =
                config.Adaptive ? CreateAdaptive(projection, config, generator, model.Device)
                : config.Principal
                    ? PrincipalUpdate.Of(projection.Name, projection.Matrix, config.Rank, config.ScaleOf(projection.Name), config.Dropout)
                : Create(projection, embedding, config, generator, model.Device) is var low && config.WeightDecomposed
                    ? Decompose(projection, low)
                : low;
        }

        return new(config, updates) { Task = TaskOf(model) };
    }

    /// <summary>
    /// An adapter that was trained before, to be trained on. What it began at stays beside it, as what gains are measured from.
    /// </summary>
    /// <param name="folder">In PEFT form.</param>
    /// <param name="method">Its own, with the dropout and rates that it shall learn by.</param>
    /// <exception cref="ModelFileException">It is none of this model, or of another method.</exception>
    public static LoraAdapter GoOn(string folder, ITunable model, MethodSpec method, CancellationToken cancellationToken = default)
    {
        var adapter = PeftFolder.Load(folder, model, method.Dropout, cancellationToken);
        var (own, asked) = (adapter.Config, LoraConfig.Of(method));
        if (
            own.Adaptive
            || (own.Rank, own.Alpha, own.RankStabilised, own.WeightDecomposed, asked.Principal, asked.Adaptive)
                != (asked.Rank, asked.Alpha, asked.RankStabilised, asked.WeightDecomposed, false, false)
        )
        {
            throw new ModelFileException(
                $"The adapter that the run goes on from has rank {own.Rank} and alpha {own.Alpha}, and the run's method is another: submit it again."
            );
        }

        return adapter with
        {
            Config = own with { RateRatio = method.RateRatio },
            Beginning = PeftFolder.Load(folder, model, cancellationToken),
        };
    }

    internal static string TaskOf(ITunable model) =>
        model switch
        {
            SequenceClassifier => "SEQ_CLS",
            SequenceToSequenceLM => "SEQ_2_SEQ_LM",
            _ => "CAUSAL_LM",
        };

    /// <summary>
    /// Has the model's maps change by this adapter, and every map it has no change for by none. A model has one adapter at a time.
    /// </summary>
    public void Attach(ITunable model)
    {
        foreach (var projection in model.Projections.Concat(model.StackedProjections))
        {
            projection.Update = Updates.GetValueOrDefault(projection.Name);
        }
    }

    /// <summary>Leaves the model as its base is; the adapter that was attached keeps its tensors.</summary>
    public static void Detach(ITunable model)
    {
        foreach (var projection in model.Projections.Concat(model.StackedProjections))
        {
            projection.Update = null;
        }
    }

    /// <summary>The factors as weights that learn.</summary>
    public List<TrainedParameter> Parameters()
    {
        var parameters = new List<TrainedParameter>();
        // An expert's gate and up map share A: it learns once, from both.
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var (name, update) in Updates)
        {
            foreach (var (part, tensor) in update.Tensors.Where(pair => seen.Add(pair.Value)))
            {
                tensor.requires_grad = true;
                // As in PEFT's LoRA+, DoRA's magnitudes go with B.
                var fast = part is "lora_B.weight" or "lora_magnitude_vector";
                parameters.Add(TrainedParameter.Of($"{name}.{part}", tensor) with { Rate = fast ? Config.RateRatio : 1 });
            }
        }

        return parameters;
    }

    /// <summary>
    /// Frees the updates' tensors. The adapter must be attached to no model that is still used; <see cref="Head"/> stays.
    /// </summary>
    public void Dispose()
    {
        foreach (var update in Updates.Values)
        {
            update.Dispose();
        }

        Beginning?.Dispose();
    }

    private static LowRankUpdate Create(Projection projection, bool embedding, LoraConfig config, Generator generator, Device device)
    {
        // An embedding looks up columns of A: its input is a token, its output the hidden width (PEFT's lora_embedding_A, _B).
        var (output, input) = embedding
            ? (projection.Matrix.Inputs, projection.Matrix.Outputs)
            : (projection.Matrix.Outputs, projection.Matrix.Inputs);
        Tensor a,
            b;
        if (embedding)
        {
            a = zeros([config.Rank, input]);
            // PEFT draws B from N(0, 1), which at usual learning rates overruns embeddings of a deviation of 0.02 in a few steps.
            b = randn([output, config.Rank], generator: generator) * Deviation;
        }
        else
        {
            // Kaiming uniform with a = √5, as in PEFT: ±1/√in.
            a = ((rand([config.Rank, input], generator: generator) * 2) - 1) / Math.Sqrt(input);
            b = zeros([output, config.Rank]);
        }

        return new(
            a.to(device).DetachFromDisposeScope(),
            b.to(device).DetachFromDisposeScope(),
            config.ScaleOf(projection.Name),
            config.Dropout,
            embedding
        );
    }

    /// <summary>The magnitudes begin as the lengths of the base's rows, so that nothing is changed.</summary>
    private static DoraUpdate Decompose(Projection projection, LowRankUpdate low) =>
        new(low, projection.Matrix.ToDense().norm(1).DetachFromDisposeScope());

    /// <summary>P and Q from N(0, 0.02²), λ zero, as in PEFT.</summary>
    private static AdaLoraUpdate CreateAdaptive(Projection projection, LoraConfig config, Generator generator, Device device)
    {
        Tensor Normal(long rows, long columns) =>
            (randn([rows, columns], generator: generator) * Deviation).to(device).DetachFromDisposeScope();
        return new(
            Normal(config.Rank, projection.Matrix.Inputs),
            Normal(projection.Matrix.Outputs, config.Rank),
            zeros([config.Rank, 1]).to(device).DetachFromDisposeScope(),
            config.Alpha,
            config.Dropout
        );
    }
}
