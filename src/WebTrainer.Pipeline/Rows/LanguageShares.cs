using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Rows;

/// <summary>Rows of one language.</summary>
/// <param name="Language">ISO 639-1; null where a prompt is too short or doesn't say.</param>
/// <param name="Positions">Where they stand in the version, from 0, in its order.</param>
public sealed record LanguageRows(string? Language, IReadOnlyList<long> Positions);

/// <param name="RowsLookedAt">All rows, or some spread evenly over the version.</param>
/// <param name="Languages">The most frequent first.</param>
public sealed record LanguageProfile(long RowsInVersion, long RowsLookedAt, IReadOnlyList<LanguageRows> Languages);

/// <summary>Tells which languages the prompts of a version are in.</summary>
public sealed class LanguageShares(ImportLimits limits)
{
    /// <summary>Rows that are looked at, at most: some seconds of work.</summary>
    public const int MostRows = 20_000;

    /// <summary>Prompts shorter than this are not judged, as in the step that filters by language.</summary>
    private static readonly int s_leastCharacters = new LanguageStep().LeastCharacters;

    /// <param name="version">Path of the Parquet file.</param>
    public async Task<LanguageProfile> MeasureAsync(string version, CancellationToken cancellationToken = default)
    {
        var reader = new VersionReader(limits);
        var total = await reader.CountAsync(version, cancellationToken);
        var rows = await reader.SampleAsync(version, MostRows, cancellationToken);
        var every = VersionReader.Stride(total, MostRows);
        var languages = await Task.Run(
            () => rows.AsParallel().AsOrdered().WithCancellation(cancellationToken)
                .Select((row, i) => (Language: row.Prompt.Length < s_leastCharacters ? null : LanguageStep.Detect(row.Prompt), Position: i * every))
                .GroupBy(r => r.Language).Select(g => new LanguageRows(g.Key, [.. g.Select(r => r.Position).Order()]))
                .OrderByDescending(l => l.Positions.Count).ThenBy(l => l.Language, StringComparer.Ordinal).ToList(),
            cancellationToken);
        return new LanguageProfile(total, rows.Count, languages);
    }
}
