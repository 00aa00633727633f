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

    /// <summary>Takes the room for the rows that is proposed for another base, unless somebody has set another.</summary>
    public void ProposeContext(TuningSettings proposed)
    {
        if (Room(Tuning) != Room(_proposed))
        {
            return;
        }

        var (context, batch, accumulation) = Room(proposed);
        _proposed = _proposed with
        {
            Training = _proposed.Training with { ContextTokens = context, MicroBatch = batch, Accumulation = accumulation },
        };
        Tuning = Tuning with
        {
            Training = Tuning.Training with { ContextTokens = context, MicroBatch = batch, Accumulation = accumulation },
        };
    }

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
