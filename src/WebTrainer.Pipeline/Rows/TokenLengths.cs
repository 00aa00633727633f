using System.Text.Json.Serialization;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Pipeline.Rows;

/// <summary>Tokens of rows, as one tokenizer counts them.</summary>
/// <param name="RowsLookedAt">All rows, or some spread evenly over the version.</param>
/// <param name="Rows">Tokens of whole rows: system message, prompt and response.</param>
/// <param name="Responses">Of responses; null where nobody has answered.</param>
public sealed record TokenProfile(long RowsInVersion, long RowsLookedAt, TokenFigures Rows, TokenFigures? Responses)
{
    /// <summary>Tokens of each whole row that was looked at, in the version's order.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> Lengths { get; init; } = [];

    /// <summary>Where the looked at rows of so many tokens stand in the version, from 0, in its order.</summary>
    public IReadOnlyList<long> PositionsOf(LengthRange tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var every = VersionReader.Stride(RowsInVersion, TokenLengths.MostRows);
        return [.. Lengths.Index().Where(row => row.Item >= tokens.From && row.Item <= tokens.To).Select(row => row.Index * every)];
    }
}

/// <param name="P95">No more in 95 of 100 texts.</param>
/// <param name="Bins">From so many to so many tokens, in order.</param>
public sealed record TokenFigures(int Least, int Median, int P95, int P99, int Most, double Mean, IReadOnlyList<LengthBin> Bins);

/// <summary>Counts tokens over a version.</summary>
public sealed class TokenLengths(ImportLimits limits)
{
    /// <summary>Rows that are counted at most; an estimate from so many is right to a percent.</summary>
    public const int MostRows = 20_000;

    private const int MostBins = 20;

    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="tokenizer">Folder with the tokenizer's files.</param>
    /// <exception cref="DataProblemException">The tokenizer can't be used; the message says why.</exception>
    public async Task<TokenProfile> MeasureAsync(string version, string tokenizer, CancellationToken cancellationToken = default)
    {
        var reader = new VersionReader(limits);
        var total = await reader.CountAsync(version, cancellationToken);
        var rows = await reader.SampleAsync(version, MostRows, cancellationToken);
        try
        {
            return await Task.Run(() => Measure(rows, total, TextTokenizer.Load(tokenizer), cancellationToken), cancellationToken);
        }
        catch (ModelFileException e)
        {
            throw new DataProblemException($"Its tokens can't be counted. {e.Message}", cause: e);
        }
    }

    private static TokenProfile Measure(
        IReadOnlyList<CanonicalRow> rows,
        long total,
        TextTokenizer tokenizer,
        CancellationToken cancellationToken
    )
    {
        var whole = new List<int>(rows.Count);
        var responses = new List<int>();
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            whole.Add(tokenizer.Count(RowTexts.Of(row, RowField.AllText)!));
            if (row.Response is { } response)
            {
                responses.Add(tokenizer.Count(response));
            }
        }

        return new TokenProfile(total, rows.Count, Figures(whole), responses.Count == 0 ? null : Figures(responses)) { Lengths = whole };
    }

    private static TokenFigures Figures(List<int> lengths)
    {
        int[] counts = [.. lengths.Order()];
        int Quantile(double share) => counts[Math.Min(counts.Length - 1, (int)(share * counts.Length))];
        var width = ((counts[^1] - counts[0]) / MostBins) + 1;
        var bins = counts
            .GroupBy(n => (n - counts[0]) / width)
            .Select(g => new LengthBin(counts[0] + (g.Key * width), counts[0] + ((g.Key + 1) * width) - 1, g.Count()));
        return new TokenFigures(counts[0], Quantile(0.5), Quantile(0.95), Quantile(0.99), counts[^1], counts.Average(), [.. bins]);
    }
}
