using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>The fields of the form of a new run.</summary>
public sealed class RunForm
{
    private TuningSettings _proposed = new();

    public string Name { get; set; } = "";
    public Guid VersionId { get; set; }
    public string BaseModel { get; set; } = "";

    /// <summary>The run whose adapter it goes on from.</summary>
    public Guid? StartRunId { get; set; }
    public TuningSettings Tuning { get; set; } = new();
    public long Seed { get; set; } = 42;
    public string Device { get; set; } = DeviceName.Any;

    /// <summary>Takes all that is proposed for the data and the base.</summary>
    public void Propose(TuningSettings proposed) => Tuning = _proposed = proposed;

    /// <summary>
    /// Takes what is proposed for another base, unless somebody has set others: room for the rows as its tokenizer cuts them, and its
    /// layers.
    /// </summary>
    public void ProposeForBase(TuningSettings proposed)
    {
        if (Room(Tuning) == Room(_proposed))
        {
            (Tuning, _proposed) = (WithRoom(Tuning, proposed.Training), WithRoom(_proposed, proposed.Training));
        }

        if (HasProposedTargets || NamesNoLayers(Tuning) || NamesNoLayers(proposed))
        {
            (Tuning, _proposed) = (WithTargets(Tuning, proposed.Method), WithTargets(_proposed, proposed.Method));
        }
    }

    private bool HasProposedTargets => Tuning.Method.Targets.SequenceEqual(_proposed.Method.Targets);

    /// <summary>All linear maps: what is named otherwise belongs to a base whose layers are called so.</summary>
    private static bool NamesNoLayers(TuningSettings settings) => settings.Method.Targets is [MethodSpec.AllLinearName];

    private static TuningSettings WithTargets(TuningSettings settings, MethodSpec method) =>
        settings with
        {
            Method = settings.Method with { Targets = method.Targets },
        };

    private static TuningSettings WithRoom(TuningSettings settings, TrainingSettings room) =>
        settings with
        {
            Training = settings.Training with
            {
                ContextTokens = room.ContextTokens,
                MicroBatch = room.MicroBatch,
                Accumulation = room.Accumulation,
            },
        };

    /// <summary>Begins from a run that there was.</summary>
    public void Repeat(RunRequest earlier) =>
        (Name, VersionId, BaseModel, StartRunId, Tuning, _proposed, Seed, Device) = (
            earlier.Name,
            earlier.DatasetVersionId,
            earlier.BaseModel,
            earlier.StartRunId,
            earlier.Tuning,
            earlier.Tuning,
            earlier.Seed,
            earlier.Device
        );

    public RunRequest ToRequest() =>
        new RunRequest
        {
            Name = Name,
            DatasetVersionId = VersionId,
            BaseModel = BaseModel,
            StartRunId = StartRunId,
            Seed = Seed,
            Device = Device,
        }.With(SettingTable.Trim(Tuning));

    private static (int Context, int Batch, int Accumulation) Room(TuningSettings settings) =>
        (settings.Training.ContextTokens, settings.Training.MicroBatch, settings.Training.Accumulation);
}
