using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Traffic;

// A page of a month over a million requests, beside DuckDB alone on the same requests as Parquet. See README.md.
const int Requests = 1_000_000;
const int Loads = 15;
var folder = Directory.CreateTempSubdirectory("webtrainer-serving-").FullName;
try
{
    var (endpoint, from) = (Guid.NewGuid(), new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
    var until = from.AddDays(31);
    var files = new TrafficFiles(Path.Combine(folder, "traffic"));
    Guid[] versions = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
    var random = new Random(1);
    var writing = Stopwatch.StartNew();
    for (var day = 0; day < 31; day++)
    {
        files.Append(Enumerable.Range(0, Requests / 31).Select(i => (endpoint, Record(from.AddDays(day), i))));
    }

    writing.Stop();
    var hours = new TrafficHours(files, folder);
    var sealing = Stopwatch.StartNew();
    hours.Seal(endpoint, until.AddDays(1), CancellationToken.None);
    sealing.Stop();
    var rows = Path.Combine(folder, "rows.parquet");
    using var duck = new DuckDBConnection("DataSource=:memory:;threads=2");
    duck.Open();
    Run($"COPY (FROM read_json('{files.Rows(endpoint)}/*.jsonl')) TO '{rows}' (FORMAT parquet)");
    var (ours, theirs) = (new List<double>(), new List<double>());
    for (var load = 0; load < Loads; load++)
    {
        ours.Add(
            Milliseconds(() =>
            {
                var sums = hours.ReadDays(endpoint, from, until, CancellationToken.None);
                var total = TrafficSums.Of(sums.Values);
                return total.Total.Quantile(0.5) + total.Total.Quantile(0.95) + total.Total.Quantile(0.99);
            })
        );
        theirs.Add(
            Milliseconds(() =>
                Run(
                    $"SELECT date_trunc('day', \"at\"::TIMESTAMP), count(*), count(*) FILTER (WHERE status >= 500), sum(promptTokens), sum(completionTokens), quantile_cont(totalMilliseconds, [0.5, 0.95, 0.99]) FROM '{rows}' GROUP BY 1"
                )
            )
        );
    }

    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Requests} requests: written in {writing.Elapsed.TotalSeconds:0.0} s, sealed in {sealing.Elapsed.TotalSeconds:0.0} s; a month's sums {Median(ours):0} ms, DuckDB alone on the requests {Median(theirs):0} ms (medians of {Loads})"
        )
    );

    TrafficRecord Record(DateTimeOffset day, int place) =>
        new()
        {
            Id = $"chatcmpl-{place}",
            At = day.AddSeconds(random.Next(86_400)),
            Version = versions[random.Next(3)],
            Status = random.Next(100) == 0 ? 503 : 200,
            PromptTokens = random.Next(400),
            CompletionTokens = random.Next(100),
            FirstTokenMilliseconds = random.NextDouble() * 200,
            TotalMilliseconds = 100 + (random.NextDouble() * 2000),
            Label = $"label {random.Next(77)}",
            PromptWords = random.Next(60),
            User = $"user {random.Next(500)}",
        };

    int Run(string sql)
    {
        using var command = duck.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var read = 0;
        while (reader.Read())
        {
            read++;
        }

        return read;
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static double Milliseconds<T>(Func<T> act)
{
    var watch = Stopwatch.StartNew();
    act();
    return watch.Elapsed.TotalMilliseconds;
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
