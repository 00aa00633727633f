using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Learning.Training;
using WebTrainer.Privacy.Accounting;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Checkpoints;

/// <summary>
/// Where a run stands besides its tensors. Data position, schedule and random numbers are functions of the step and the spec's
/// seed, so the step stands for all three.
/// </summary>
/// <param name="Step">Optimiser steps done, whether or not they changed weights.</param>
/// <param name="Updates">Updates that the optimiser has counted; it corrects its moments' bias by them.</param>
/// <param name="Course">Everything that decides the run's course, by name; a checkpoint goes on only under the same.</param>
/// <param name="Tokens">Tokens seen so far.</param>
/// <param name="Seconds">Time trained so far.</param>
public sealed record TrainingState(int Step, int Updates, long Tokens, double Seconds, IReadOnlyDictionary<string, string> Course)
{
    /// <summary>Lowest validation loss so far, in nats.</summary>
    public double? BestLoss { get; init; }

    /// <summary>Validations since the one of the lowest loss; a run ends when they are as many as its patience.</summary>
    public int WithoutGain { get; init; }

    /// <summary>Whose weights are kept as the run's output; 0 for the model as it began, null while nothing is.</summary>
    public int? KeptStep { get; init; }

    /// <summary>Null before the first step, and where a relapse has no measure.</summary>
    public LossTrend? Trend { get; init; }

    /// <summary>The learning rate is that of the settings times this: less than 1 after the model fell back to guessing.</summary>
    public double RateShare { get; init; } = 1;

    /// <summary>What a private run has done to its rows so far; null where nothing is accounted for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<GaussianStep>? Accounted { get; init; }

    /// <summary>How often the run began again because of that.</summary>
    public int Beginnings { get; init; }

    /// <summary>
    /// The state behind a validation. A loss below the best so far becomes the best; an equal or higher one counts as without gain.
    /// </summary>
    /// <param name="validationLoss">Mean, in nats.</param>
    public TrainingState After(double validationLoss) =>
        BestLoss is { } best && validationLoss >= best
            ? this with
            {
                WithoutGain = WithoutGain + 1,
            }
            : this with
            {
                BestLoss = validationLoss,
                WithoutGain = 0,
            };
}

/// <summary>
/// Keeps the last checkpoints of a run. A checkpoint is a folder that is written under a temporary name and then renamed:
/// one that can be seen is whole.
/// </summary>
public sealed class CheckpointStore(string root, int keep = 2)
{
    private const string Weights = "weights.safetensors",
        Moments = "optimizer.safetensors",
        State = "state.json",
        TemporarySuffix = ".tmp";

    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="IOException">The disk is full or read-only; earlier checkpoints are untouched.</exception>
    public string Save(Trainer trainer, TrainingState state)
    {
        var folder = Path.Combine(root, $"step-{state.Step.ToString("D8", CultureInfo.InvariantCulture)}");
        var temporary = folder + TemporarySuffix;
        RemoveFolder(temporary);
        Directory.CreateDirectory(temporary);
        Safetensors.Write(
            Path.Combine(temporary, Weights),
            trainer.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Tensor)
        );
        Safetensors.Write(Path.Combine(temporary, Moments), trainer.Optimizer.State);
        AtomicFile.WriteAllText(Path.Combine(temporary, State), JsonSerializer.Serialize(state, ProtocolJson.Document));
        RemoveFolder(folder);
        Directory.Move(temporary, folder);
        RemoveOld();
        return folder;
    }

    /// <summary>Takes all checkpoints away: a run that begins again has no use for them.</summary>
    public void Clear()
    {
        foreach (var folder in Folders())
        {
            RemoveFolder(folder);
        }
    }

    /// <summary>Puts the newest whole checkpoint into the trainer.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="InvalidDataException">The checkpoint is of another run or other settings.</exception>
    public TrainingState? RestoreLast(Trainer trainer, Course course)
    {
        // One that a copy of the data folder caught while it was taken away lacks files; the one before it is whole.
        if (Folders().LastOrDefault(IsWhole) is not { } folder)
        {
            return null;
        }

        var state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllText(Path.Combine(folder, State)), ProtocolJson.Document)!;
        course.RefuseAnother(state.Course);

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weights = Safetensors.Read(Path.Combine(folder, Weights));
        foreach (var (name, tensor, _) in trainer.Parameters)
        {
            tensor.copy_(weights[name]);
        }

        var moments = Safetensors.Read(Path.Combine(folder, Moments));
        trainer.Optimizer.Restore(moments, state.Updates);
        foreach (var tensor in weights.Values.Concat(moments.Values))
        {
            tensor.Dispose();
        }

        return state;
    }

    private void RemoveOld()
    {
        foreach (var halfWritten in Directory.EnumerateDirectories(root, "*" + TemporarySuffix))
        {
            RemoveFolder(halfWritten);
        }

        foreach (var folder in Folders().SkipLast(keep))
        {
            RemoveFolder(folder);
        }
    }

    private IEnumerable<string> Folders() =>
        !Directory.Exists(root)
            ? []
            : Directory
                .EnumerateDirectories(root, "step-*")
                .Where(folder => !folder.EndsWith(TemporarySuffix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .ToList();

    private static bool IsWhole(string folder) =>
        ((string[])[Weights, Moments, State]).All(name => File.Exists(Path.Combine(folder, name)));

    private static void RemoveFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
