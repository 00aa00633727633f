using System.Globalization;
using System.Text.Json;

namespace WebTrainer.Pipeline.Traffic;

/// <summary>
/// Where an endpoint's traffic lies: rows of an hour as a file of JSON lines, and sealed hours of a day as Parquet.
/// </summary>
/// <param name="Root">Folder of all endpoints, absolute.</param>
public sealed record TrafficFiles(string Root)
{
    private const string HourFormat = "yyyy-MM-dd'T'HH";

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    /// <summary>Rows of requests, a file an hour.</summary>
    public string Rows(Guid endpoint) => Path.Combine(Root, endpoint.ToString("N"), "rows");

    /// <summary>Sums of hours, a file a day.</summary>
    public string Hours(Guid endpoint) => Path.Combine(Root, endpoint.ToString("N"), "hours");

    /// <summary>The rows of an hour of UTC.</summary>
    public string Rows(Guid endpoint, DateTimeOffset at) =>
        Path.Combine(Rows(endpoint), at.UtcDateTime.ToString(HourFormat, CultureInfo.InvariantCulture) + ".jsonl");

    /// <summary>The sums of a day of UTC.</summary>
    public string Hours(Guid endpoint, DateOnly day) =>
        Path.Combine(Hours(endpoint), day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ".parquet");

    /// <summary>Sums of whole days, a file a day.</summary>
    public string Days(Guid endpoint) => Path.Combine(Root, endpoint.ToString("N"), "days");

    /// <summary>The sums of a day of UTC, which is over, not by hour.</summary>
    public string Days(Guid endpoint, DateOnly day) =>
        Path.Combine(Days(endpoint), day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ".parquet");

    /// <summary>Which hour a file of rows is of.</summary>
    public static DateTimeOffset HourOf(string path) =>
        new(
            DateTime.ParseExact(
                Path.GetFileNameWithoutExtension(path),
                HourFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
            ),
            TimeSpan.Zero
        );

    /// <summary>Endpoints that have had traffic.</summary>
    public IReadOnlyList<Guid> Endpoints() =>
        Directory.Exists(Root)
            ? [.. Directory.GetDirectories(Root).Select(Path.GetFileName).Select(name => Guid.ParseExact(name!, "N"))]
            : [];

    /// <summary>Files of rows, the oldest first.</summary>
    public IReadOnlyList<string> RowFiles(Guid endpoint) =>
        Directory.Exists(Rows(endpoint)) ? [.. Directory.GetFiles(Rows(endpoint), "*.jsonl").Order(StringComparer.Ordinal)] : [];

    /// <summary>Adds records behind those that are there, and returns once they are on the disk.</summary>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public void Append(IEnumerable<(Guid Endpoint, TrafficRecord Record)> records)
    {
        foreach (var file in records.GroupBy(r => Rows(r.Endpoint, r.Record.At), StringComparer.Ordinal))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file.Key)!);
            using var stream = new FileStream(file.Key, FileMode.Append, FileAccess.Write, FileShare.Read);
            // Whoever was killed in the middle of a line left half of one; what comes behind it must not be lost with it.
            if (stream.Position > 0)
            {
                EndHalfLine(file.Key, stream);
            }

            foreach (var (_, record) in file)
            {
                stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(record, Json), (byte)'\n']);
            }

            stream.Flush(flushToDisk: true);
        }
    }

    /// <summary>Records of a file; half lines of a process that was killed are left out.</summary>
    public static IEnumerable<TrafficRecord> Read(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            if (TryRead(line) is { } record)
            {
                yield return record;
            }
        }
    }

    /// <summary>Writes a file of rows anew without the texts in it; one that has none is left as it is.</summary>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public void ForgetTexts(string path)
    {
        if (!Read(path).Any(record => record.Prompt is not null || record.Answer is not null))
        {
            return;
        }

        var half = path + ".tmp";
        using (var stream = new FileStream(half, FileMode.Create, FileAccess.Write))
        {
            foreach (var record in Read(path))
            {
                stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(record with { Prompt = null, Answer = null }, Json), (byte)'\n']);
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(half, path, overwrite: true);
    }

    private static void EndHalfLine(string path, FileStream stream)
    {
        using var reader = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        reader.Seek(-1, SeekOrigin.End);
        if (reader.ReadByte() != '\n')
        {
            stream.WriteByte((byte)'\n');
        }
    }

    private static TrafficRecord? TryRead(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize<TrafficRecord>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
