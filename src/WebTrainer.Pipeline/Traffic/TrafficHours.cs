using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Traffic;

/// <summary>
/// Sums of hours. Hours that are over are sealed as Parquet, those of a day that is over in one file, and in another the day as a whole;
/// what is not sealed yet is summed from the rows. A page of a month reads some tens of small files, a line a day and version, and no rows.
/// </summary>
public sealed class TrafficHours(TrafficFiles files, string spillFolder)
{
    private const int MemoryMiB = 256;
    private const string Columns =
        "hour TIMESTAMP, version VARCHAR, shadow BOOLEAN, status INTEGER, requests BIGINT, prompt_tokens BIGINT, completion_tokens BIGINT, "
        + "busy_ms DOUBLE, compared BIGINT, same BIGINT, first_token_ms VARCHAR, total_ms VARCHAR, next_token_ms VARCHAR, prompt_words VARCHAR, "
        + "confidence_percent VARCHAR, labels VARCHAR, callers VARCHAR";

    private const string Names =
        "hour, version, shadow, status, requests, prompt_tokens, completion_tokens, busy_ms, compared, same, first_token_ms, total_ms, "
        + "next_token_ms, prompt_words, confidence_percent, labels, callers";

    /// <summary>A file is not sealed before this long after its hour, so that records that were under way are in it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>Seals the hours that are over; what is sealed already is left as it is.</summary>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public void Seal(Guid endpoint, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(files.Hours(endpoint));
        foreach (var rows in files.RowFiles(endpoint))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var hour = TrafficFiles.HourOf(rows);
            if (hour.AddHours(1) + Grace <= now && !IsSealed(endpoint, hour))
            {
                Write(HourFile(endpoint, hour), SumsOf(rows), cancellationToken);
            }
        }

        var changed = new HashSet<DateOnly>();
        foreach (var day in HourFiles(endpoint).GroupBy(file => DateOnly.FromDateTime(TrafficFiles.HourOf(file).UtcDateTime)))
        {
            if (day.Key < DateOnly.FromDateTime((now - Grace).UtcDateTime))
            {
                var whole = files.Hours(endpoint, day.Key);
                List<string> parts = [.. day, .. File.Exists(whole) ? (string[])[whole] : []];
                Write(whole, Read(parts, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, cancellationToken), cancellationToken);
                parts.Where(part => part != whole).ToList().ForEach(File.Delete);
                changed.Add(day.Key); // an hour that came late is in the day too
            }
        }

        SealDays(endpoint, changed, cancellationToken);
    }

    private void SealDays(Guid endpoint, HashSet<DateOnly> changed, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(files.Days(endpoint));
        foreach (var hours in Directory.GetFiles(files.Hours(endpoint), "*.parquet").Where(file => !IsOfOneHour(file)))
        {
            var day = DayOf(hours);
            var date = DateOnly.FromDateTime(day.UtcDateTime);
            var target = files.Days(endpoint, date);
            if (changed.Contains(date) || !File.Exists(target))
            {
                var sums = new Dictionary<TrafficKey, TrafficSums>();
                foreach (var (key, part) in Read([hours], DateTimeOffset.MinValue, DateTimeOffset.MaxValue, cancellationToken))
                {
                    Into(sums, key with { Hour = day }).Add(part);
                }

                Write(target, sums, cancellationToken);
            }
        }
    }

    /// <summary>
    /// As <see cref="Read(Guid, DateTimeOffset, DateTimeOffset, CancellationToken)"/>, by the day as far as days are over.
    /// </summary>
    /// <param name="from">A day's beginning, of UTC.</param>
    /// <param name="until">Likewise.</param>
    public IReadOnlyDictionary<TrafficKey, TrafficSums> ReadDays(
        Guid endpoint,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        var days = Directory.Exists(files.Days(endpoint))
            ? Directory.GetFiles(files.Days(endpoint), "*.parquet").Where(file => DayOf(file) >= from && DayOf(file) < until).ToList()
            : [];
        var sums = Read(days, from, until, cancellationToken);
        var whole = days.Select(DayOf).ToHashSet();
        foreach (var (key, part) in Read(endpoint, from, until, at => !whole.Contains(at), cancellationToken))
        {
            Into(sums, key with { Hour = new DateTimeOffset(key.Hour.UtcDateTime.Date, TimeSpan.Zero) }).Add(part);
        }

        return sums;
    }

    /// <summary>Sums of the hours that begin in this time.</summary>
    public IReadOnlyDictionary<TrafficKey, TrafficSums> Read(
        Guid endpoint,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellationToken
    ) => Read(endpoint, from, until, _ => true, cancellationToken);

    /// <param name="wanted">Whether a day, by its beginning, is to be read.</param>
    private Dictionary<TrafficKey, TrafficSums> Read(
        Guid endpoint,
        DateTimeOffset from,
        DateTimeOffset until,
        Func<DateTimeOffset, bool> wanted,
        CancellationToken cancellationToken
    )
    {
        var sealedFiles = Directory.Exists(files.Hours(endpoint))
            ? Directory
                .GetFiles(files.Hours(endpoint), "*.parquet")
                .Where(file => MayHold(file, from, until) && (IsOfOneHour(file) || wanted(DayOf(file))))
                .ToList()
            : [];
        var sums = new Dictionary<TrafficKey, TrafficSums>(Read(sealedFiles, from, until, cancellationToken));
        foreach (var rows in files.RowFiles(endpoint).Where(rows => TrafficFiles.HourOf(rows) is var hour && hour >= from && hour < until))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!IsSealed(endpoint, TrafficFiles.HourOf(rows)))
            {
                foreach (var (key, part) in SumsOf(rows))
                {
                    sums[key] = part;
                }
            }
        }

        return sums;
    }

    private static Dictionary<TrafficKey, TrafficSums> SumsOf(string rows)
    {
        var (hour, sums) = (TrafficFiles.HourOf(rows), new Dictionary<TrafficKey, TrafficSums>());
        foreach (var record in TrafficFiles.Read(rows))
        {
            Into(sums, new TrafficKey(hour, record.Version, record.Shadow, record.Status)).Add(record);
        }

        return sums;
    }

    private static TrafficSums Into(Dictionary<TrafficKey, TrafficSums> sums, TrafficKey key)
    {
        if (!sums.TryGetValue(key, out var known))
        {
            sums[key] = known = new TrafficSums();
        }

        return known;
    }

    private void Write(string path, IReadOnlyDictionary<TrafficKey, TrafficSums> sums, CancellationToken cancellationToken)
    {
        using var duck = DuckDb.Open(MemoryMiB, spillFolder, threads: 1);
        DuckDb.Execute(duck, $"CREATE TABLE hours ({Columns})", cancellationToken);
        using (var appender = duck.CreateAppender("hours"))
        {
            foreach (var (key, part) in sums)
            {
                appender
                    .CreateRow()
                    .AppendValue(key.Hour.UtcDateTime)
                    .AppendValue(key.Version.ToString("N"))
                    .AppendValue(key.Shadow)
                    .AppendValue(key.Status)
                    .AppendValue(part.Requests)
                    .AppendValue(part.PromptTokens)
                    .AppendValue(part.CompletionTokens)
                    .AppendValue(part.BusyMilliseconds)
                    .AppendValue(part.Compared)
                    .AppendValue(part.Same)
                    .AppendValue(part.FirstToken.ToString())
                    .AppendValue(part.Total.ToString())
                    .AppendValue(part.NextToken.ToString())
                    .AppendValue(part.PromptWords.ToString())
                    .AppendValue(part.Confidence.ToString())
                    .AppendValue(JsonSerializer.Serialize(part.Labels))
                    .AppendValue(JsonSerializer.Serialize(part.Callers))
                    .EndRow();
            }
        }

        // what exists is whole
        var half = path + ".tmp";
        DuckDb.Execute(
            duck,
            $"COPY (FROM hours ORDER BY hour) TO {DuckDb.Literal(half)} (FORMAT parquet, COMPRESSION zstd)",
            cancellationToken
        );
        File.Move(half, path, overwrite: true);
    }

    private Dictionary<TrafficKey, TrafficSums> Read(
        List<string> paths,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        if (paths.Count == 0)
        {
            return [];
        }

        using var duck = DuckDb.Open(MemoryMiB, spillFolder);
        using var command = duck.CreateCommand();
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT {Names} FROM (SELECT * FROM read_parquet([{string.Join(", ", paths.Select(DuckDb.Literal))}], union_by_name = true) UNION ALL BY NAME SELECT NULL::VARCHAR AS callers WHERE false) WHERE hour >= '{Bounded(from):yyyy-MM-dd HH:mm:ss}' AND hour < '{Bounded(until):yyyy-MM-dd HH:mm:ss}'"
        );
        return DuckDb.ReadAll(command, ReadOne, cancellationToken).ToDictionary(pair => pair.Key, pair => pair.Value);
    }

    private static KeyValuePair<TrafficKey, TrafficSums> ReadOne(DuckDBDataReader row) =>
        new(
            new TrafficKey(
                new DateTimeOffset(DateTime.SpecifyKind(row.GetDateTime(0), DateTimeKind.Utc)),
                Guid.ParseExact(row.GetString(1), "N"),
                row.GetBoolean(2),
                row.GetInt32(3)
            ),
            new TrafficSums
            {
                Requests = row.GetInt64(4),
                PromptTokens = row.GetInt64(5),
                CompletionTokens = row.GetInt64(6),
                BusyMilliseconds = row.GetDouble(7),
                Compared = row.GetInt64(8),
                Same = row.GetInt64(9),
                FirstToken = LogHistogram.Parse(row.GetString(10)),
                Total = LogHistogram.Parse(row.GetString(11)),
                NextToken = LogHistogram.Parse(row.GetString(12)),
                PromptWords = LogHistogram.Parse(row.GetString(13)),
                Confidence = LogHistogram.Parse(row.GetString(14)),
                Labels = JsonSerializer.Deserialize<Dictionary<string, long>>(row.GetString(15))!,
                // files of before callers were summed have none
                Callers = row.IsDBNull(16) ? [] : JsonSerializer.Deserialize<Dictionary<string, CallerSums>>(row.GetString(16))!,
            }
        );

    // as far as DuckDB's timestamps are plain to write
    private static DateTime Bounded(DateTimeOffset at) =>
        at.Year < 1970 ? DateTime.UnixEpoch
        : at.Year > 9000 ? new DateTime(9000, 1, 1, 0, 0, 0, DateTimeKind.Utc)
        : at.UtcDateTime;

    private string HourFile(Guid endpoint, DateTimeOffset hour) =>
        Path.Combine(files.Hours(endpoint), Path.ChangeExtension(Path.GetFileName(files.Rows(endpoint, hour)), ".parquet"));

    private IEnumerable<string> HourFiles(Guid endpoint) =>
        Directory.GetFiles(files.Hours(endpoint), "*T*.parquet").Order(StringComparer.Ordinal);

    private bool IsSealed(Guid endpoint, DateTimeOffset hour) =>
        File.Exists(HourFile(endpoint, hour)) || File.Exists(files.Hours(endpoint, DateOnly.FromDateTime(hour.UtcDateTime)));

    private static bool MayHold(string file, DateTimeOffset from, DateTimeOffset until) =>
        IsOfOneHour(file)
            ? TrafficFiles.HourOf(file) is var hour && hour >= from && hour < until
            : DayOf(file) is var day && day.AddDays(1) > from && day < until;

    private static bool IsOfOneHour(string file) => Path.GetFileNameWithoutExtension(file).Contains('T', StringComparison.Ordinal);

    private static DateTimeOffset DayOf(string file) =>
        new(
            DateTime.ParseExact(
                Path.GetFileNameWithoutExtension(file),
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
            )
        );
}
