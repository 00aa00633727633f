using WebTrainer.Statistics;

namespace WebTrainer.Drift;

/// <summary>
/// Holds windows of texts against a reference and says what changed. Of all measures of a window (Holm), and of all windows of a period
/// (<see cref="AlphaSpending"/>), the chance of any false alarm is at most the level.
/// </summary>
/// <remarks>
/// The promise needs rows of the reference and of a quiet window to be alike draws: a reference with rows repeated on purpose, or with
/// labels and confidences of rows that the model has learned from, is not. Safe for several windows at once.
/// </remarks>
public sealed class DriftMonitor
{
    private readonly int _rows;
    private readonly DriftSettings _settings;
    private readonly double _level;
    private readonly PlainMeasures _plain;
    private readonly VectorMeasures? _vectors;

    /// <summary>Works out what the reference alone decides; with vectors that is a comparison of all pairs of up to
    /// <see cref="DriftSettings.NeighbourRows"/> rows.</summary>
    /// <param name="reference">At least <see cref="DriftSettings.LeastRows"/>: the snapshot that the model learned from, or a part of
    /// it.</param>
    /// <exception cref="NotComparableException">Too few rows, or settings by which no alarm could be raised.</exception>
    public DriftMonitor(IReadOnlyList<DriftRow> reference, DriftSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        RequireEnough(reference, "reference");
        _level = settings.Spending.OfWindow();
        RequireDraws(settings, _level);
        (_rows, _settings) = (reference.Count, settings);
        _plain = new(reference, settings);
        _vectors = settings.Embed is null ? null : new(reference, settings);
    }

    /// <param name="window">At least <see cref="DriftSettings.LeastRows"/>.</param>
    /// <exception cref="NotComparableException">Too few rows, or vectors that can't be compared.</exception>
    public DriftReport Look(IReadOnlyList<DriftRow> window)
    {
        RequireEnough(window, "window");
        Reading[] readings = [.. _plain.Read(window), .. _vectors?.Read(window) ?? []];
        var corrected = Holm.Correct([.. readings.Select(reading => reading.Test.PValue)]);
        var findings = readings.Zip(corrected, (reading, p) => reading.Find(p, _level));
        return new(_rows, window.Count, [.. findings.OrderByDescending(finding => finding.IsAlarm).ThenBy(finding => finding.Measure)]);
    }

    private static void RequireEnough(IReadOnlyList<DriftRow> rows, string name)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count < DriftSettings.LeastRows)
        {
            throw new NotComparableException(
                $"The {name} has {rows.Count} rows; from fewer than {DriftSettings.LeastRows} nothing can be said of a change. Wait for more."
            );
        }
    }

    private static void RequireDraws(DriftSettings settings, double level)
    {
        var least = (int)Math.Ceiling(Enum.GetValues<DriftMeasure>().Length / level) - 1;
        if (settings.Draws < least)
        {
            throw new NotComparableException(
                $"With {settings.Draws} permutations no p is small enough for an alarm, since a window may spend {level:0.######}; take at least {least}."
            );
        }
    }
}
