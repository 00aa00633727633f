using System.Globalization;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>One setting of a run as it is shown and compared.</summary>
/// <param name="Setting">Null for what is no setting of the training.</param>
public sealed record SettingLine(string Name, string Value, Setting? Setting = null);

/// <summary>A spec's settings in the order in which people ask for them.</summary>
public static class SettingWords
{
    /// <summary>Settings that an adapter's files tell.</summary>
    private static readonly string[] s_ofAdapters =
    [
        "method.method",
        "method.rank",
        "method.alpha",
        "method.rankStabilised",
        "method.targets",
    ];

    public static IReadOnlyList<SettingLine> Of(TrainSpec spec) =>
        [
            new("Base model", Path.GetFileName(spec.BaseModel)),
            .. spec.StartsFrom is { } start ? [new("Goes on from", start.Name)] : (SettingLine[])[],
            .. Of(spec.Tuning).Where(line => spec.StartsFrom is null || line.Setting!.Id != "start"),
            new("Seed", spec.Seed.ToString(CultureInfo.InvariantCulture)),
            new("Device", DeviceName.Words(spec.Device)),
            new("Training rows", (spec.Data?.Train?.Rows ?? 0).ToString(CultureInfo.InvariantCulture)),
            new("Training data", (spec.Data?.Train?.Sha256 ?? "").PadRight(12)[..12]),
        ];

    /// <summary>
    /// What an adapter that was brought in tells of itself: its base and its shape. How it was trained, nobody here knows.
    /// </summary>
    public static IReadOnlyList<SettingLine> OfAdapter(TrainSpec spec) =>
        [new("Base model", Path.GetFileName(spec.BaseModel)), .. Of(spec.Tuning).Where(line => s_ofAdapters.Contains(line.Setting!.Path))];

    /// <summary>What differs, as <c>Rank 16 → 32</c>.</summary>
    public static IEnumerable<string> Differences(TuningSettings before, TuningSettings now)
    {
        var (was, after) = (Of(before).ToDictionary(line => line.Setting!.Path), Of(now).ToDictionary(line => line.Setting!.Path));
        return SettingTable
            .All.Select(setting =>
                (setting.Label, Was: was.GetValueOrDefault(setting.Path)?.Value, Is: after.GetValueOrDefault(setting.Path)?.Value)
            )
            .Where(setting => setting.Was != setting.Is)
            .Select(setting => $"{setting.Label} {setting.Was ?? "–"} → {setting.Is ?? "–"}");
    }

    /// <summary>Those that have a meaning together, models by their names.</summary>
    public static IEnumerable<SettingLine> Of(TuningSettings tuning)
    {
        var named = tuning with { Objective = tuning.Objective with { Teacher = Path.GetFileName(tuning.Objective.Teacher) } };
        return SettingTable.For(named).Select(setting => new SettingLine(setting.Label, setting.Words(named), setting));
    }
}
