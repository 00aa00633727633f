using WebTrainer.Pipeline.Cleaning.Languages;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Rows;

/// <summary>Rows of one language.</summary>
/// <param name="Language">ISO 639-1; null where a prompt is too short, doesn't say, or might be of several.</param>
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

    /// <summary>As short and as unsure prompts are judged as by the step that filters by language.</summary>
    private static readonly LanguageStep s_usual = new();

    /// <param name="version">Path of the Parquet file.</param>
    public async Task<LanguageProfile> MeasureAsync(string version, CancellationToken cancellationToken = default)
    {
        var reader = new VersionReader(limits);
        var total = await reader.CountAsync(version, cancellationToken);
        var rows = await reader.SampleAsync(version, MostRows, cancellationToken);
        var every = VersionReader.Stride(total, MostRows);
        var languages = await Task.Run(() => Tell(rows, every, cancellationToken), cancellationToken);
        return new LanguageProfile(total, rows.Count, languages);
    }

    private static List<LanguageRows> Tell(IReadOnlyList<CanonicalRow> rows, long every, CancellationToken cancellationToken)
    {
        var census = new LanguageCensus();
        var likelihoods = rows.AsParallel()
            .AsOrdered()
            .WithCancellation(cancellationToken)
            .Select(row =>
            {
                if (TextLanguages.Length(row.Prompt) < s_usual.LeastCharacters)
                {
                    return null;
                }

                var found = TextLanguages.Likelihoods(row.Prompt);
                census.Add(row.Prompt, found);
                return found;
            })
            .ToList();
        var odds = LanguageOdds.Of(census.Present);
        return
        [
            .. likelihoods
                .Select((found, i) => (Language: found is null ? null : Sure(odds.Tell(found)), Position: i * every))
                .GroupBy(r => r.Language)
                .Select(g => new LanguageRows(g.Key, [.. g.Select(r => r.Position)]))
                .OrderByDescending(l => l.Positions.Count)
                .ThenBy(l => l.Language, StringComparer.Ordinal),
        ];
    }

    private static string? Sure(ToldLanguage? told) =>
        told is { } sure && sure.Confidence >= s_usual.LeastConfidence ? sure.Language : null;
}
