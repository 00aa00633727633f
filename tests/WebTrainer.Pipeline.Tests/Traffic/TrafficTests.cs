using WebTrainer.Pipeline.Traffic;

namespace WebTrainer.Pipeline.Tests.Traffic;

/// <summary>Records of requests: written, killed in mid-line, summed up, sealed and read again.</summary>
[Trait("Category", "Slow")]
public sealed class TrafficTests : IDisposable
{
    private static readonly DateTimeOffset s_day = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-traffic-").FullName;
    private readonly Guid _endpoint = Guid.NewGuid();
    private readonly Guid[] _versions = [Guid.NewGuid(), Guid.NewGuid()];

    private TrafficFiles Files => new(Path.Combine(_folder, "traffic"));

    private TrafficHours Hours => new(Files, _folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private List<TrafficRecord> Some(int count, int hours, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new TrafficRecord
                {
                    Id = $"chatcmpl-{i}",
                    At = s_day.AddMinutes(random.Next(60 * hours)),
                    Version = _versions[random.Next(2)],
                    Status = random.Next(20) == 0 ? 503 : 200,
                    User = random.Next(3) is > 0 and var who ? $"caller {who * random.Next(200)}" : null,
                    PromptTokens = random.Next(200),
                    CompletionTokens = random.Next(50),
                    FirstTokenMilliseconds = random.NextDouble() * 100,
                    TotalMilliseconds = 100 + random.NextDouble() * 1000,
                    Label = random.Next(2) == 0 ? $"label {random.Next(5)}" : null,
                    Confidence = random.Next(2) == 0 ? random.NextDouble() : null,
                    PromptWords = random.Next(60),
                    Shadow = random.Next(10) == 0,
                    SameAsLive = random.Next(10) == 0 ? true : null,
                }),
        ];
    }

    private void Write(IEnumerable<TrafficRecord> records) => Files.Append(records.Select(r => (_endpoint, r)));

    /// <summary>All that a page shows of sums, as text.</summary>
    private static string[] Shown(IReadOnlyDictionary<TrafficKey, TrafficSums> sums) =>
        [
            .. sums.Select(s =>
                    $"{s.Key} {s.Value.Requests} {s.Value.PromptTokens} {s.Value.CompletionTokens} {s.Value.BusyMilliseconds:F3} {s.Value.Compared} {s.Value.Same} | {s.Value.FirstToken} | {s.Value.Total} | {s.Value.NextToken} | {s.Value.PromptWords} | {s.Value.Confidence} | {string.Join(',', s.Value.Labels.OrderBy(l => l.Key, StringComparer.Ordinal))} | {s.Value.Callers.Values.Sum(c => c.Tokens)} {s.Value.Callers.Values.Sum(c => c.Milliseconds):F3} {s.Value.Callers.GetValueOrDefault("caller 7").Requests}"
                )
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Seal_AtAnyTime_ChangesNoFigure(int seed)
    {
        var records = Some(2000, hours: 30, seed);
        Write(records);
        var open = Shown(Hours.Read(_endpoint, s_day, s_day.AddDays(3), Ct));
        Assert.Equal(records.Count, Hours.Read(_endpoint, s_day, s_day.AddDays(3), Ct).Values.Sum(s => s.Requests));
        foreach (var hours in (double[])[0.5, 5, 23.9, 24.01, 24.1, 29, 40, 80])
        {
            Hours.Seal(_endpoint, s_day.AddHours(hours), Ct);
            Assert.Equal(open, Shown(Hours.Read(_endpoint, s_day, s_day.AddDays(3), Ct)));
        }

        // two days that are over, each in one file
        Assert.Equal(
            ["2026-05-01.parquet", "2026-05-02.parquet"],
            Directory.GetFiles(Files.Hours(_endpoint)).Select(Path.GetFileName).Order()
        );
        Files.RowFiles(_endpoint).ToList().ForEach(File.Delete);
        Assert.Equal(open, Shown(Hours.Read(_endpoint, s_day, s_day.AddDays(3), Ct)));
    }

    [Fact]
    public void ReadDays_SealedOrNot_SaysOfEachDayWhatItsHoursSay_AlsoWhenAnHourComesLate()
    {
        var records = Some(3000, hours: 70, seed: 11);
        Write(records.Where(r => r.At < s_day.AddHours(5) || r.At >= s_day.AddHours(6)));
        Hours.Seal(_endpoint, s_day.AddHours(50), Ct);
        Assert.Equal(
            ["2026-05-01.parquet", "2026-05-02.parquet"],
            Directory.GetFiles(Files.Days(_endpoint)).Select(Path.GetFileName).Order()
        );
        Write(records.Where(r => r.At >= s_day.AddHours(5) && r.At < s_day.AddHours(6)));
        Hours.Seal(_endpoint, s_day.AddHours(60), Ct);
        var days = Hours.ReadDays(_endpoint, s_day, s_day.AddDays(3), Ct);
        foreach (var day in Enumerable.Range(0, 3).Select(i => s_day.AddDays(i)))
        {
            var (whole, hours) = (
                TrafficSums.Of(days.Where(s => s.Key.Hour == day).Select(s => s.Value)),
                TrafficSums.Of(Hours.Read(_endpoint, day, day.AddDays(1), Ct).Values)
            );
            Assert.Equal(
                (hours.Requests, hours.PromptTokens, hours.Total.ToString(), hours.Labels.Values.Sum()),
                (whole.Requests, whole.PromptTokens, whole.Total.ToString(), whole.Labels.Values.Sum())
            );
            Assert.Equal(hours.Callers.Values.Sum(c => c.Tokens), whole.Callers.Values.Sum(c => c.Tokens));
        }
    }

    [Fact]
    public void Callers_BeyondThoseThatAreSummedApart_AreSummedTogether()
    {
        var sums = new TrafficSums();
        foreach (var record in Some(1000, hours: 1, seed: 12).Select((r, i) => r with { User = $"caller {i}" }))
        {
            sums.Add(record);
        }

        Assert.Equal(TrafficSums.MostCallers + 1, sums.Callers.Count);
        Assert.Equal(1000, sums.Callers.Values.Sum(c => c.Requests));
        Assert.Equal(1000 - TrafficSums.MostCallers, sums.Callers[TrafficSums.OtherCallers].Requests);
    }

    [Fact]
    public void Seal_AfterAWeekWithoutAPortal_LosesNoHour()
    {
        Write(Some(500, hours: 20, seed: 4));
        Hours.Seal(_endpoint, s_day.AddHours(3), Ct);
        Write(Some(500, hours: 48, seed: 5).Where(r => r.At >= s_day.AddHours(20)));
        var open = Shown(Hours.Read(_endpoint, s_day, s_day.AddDays(3), Ct));
        Hours.Seal(_endpoint, s_day.AddDays(9), Ct);
        Assert.Equal(open, Shown(Hours.Read(_endpoint, s_day, s_day.AddDays(3), Ct)));
    }

    [Fact]
    public void Read_PartOfTheTime_GivesItsHoursAlone()
    {
        Write(Some(1000, hours: 48, seed: 6));
        Hours.Seal(_endpoint, s_day.AddDays(1.5), Ct);
        var part = Hours.Read(_endpoint, s_day.AddHours(20), s_day.AddHours(30), Ct);
        Assert.All(part.Keys, key => Assert.InRange(key.Hour, s_day.AddHours(20), s_day.AddHours(29)));
        Assert.Equal(10, part.Keys.Select(k => k.Hour).Distinct().Count());
    }

    [Fact]
    public void Append_BehindHalfALineOfAKilledProcess_LosesThatLineAlone()
    {
        var records = Some(3, hours: 1, seed: 7);
        Write(records.Take(2));
        var file = Files.RowFiles(_endpoint).Single();
        File.AppendAllText(file, "{\"id\":\"chatcmpl-half\",\"at\":");
        Write(records.Skip(2));
        Assert.Equal(records.Select(r => r.Id).Order(), TrafficFiles.Read(file).Select(r => r.Id).Order());
    }

    [Fact]
    public void Append_TheSameRecord_ReadsAsItWas()
    {
        var record = Some(1, hours: 1, seed: 8)[0] with { Prompt = "سلام [EMAIL]\nzwei", Answer = "a\u2028b", User = "u" };
        Write([record]);
        Assert.Equal(record, TrafficFiles.Read(Files.RowFiles(_endpoint).Single()).Single());
    }

    [Fact]
    public void ForgetTexts_TakesTextsAndNothingElse()
    {
        var records = Some(5, hours: 1, seed: 9).Select(r => r with { Prompt = "secret", Answer = "secret too" }).ToList();
        Write(records);
        var file = Files.RowFiles(_endpoint).Single();
        Files.ForgetTexts(file);
        Assert.DoesNotContain("secret", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(records.Select(r => r with { Prompt = null, Answer = null }), TrafficFiles.Read(file));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    public void Quantile_OfManyValues_IsWithinHalfABucketOfTheTrueOne(double share)
    {
        var random = new Random(10);
        double[] values = [.. Enumerable.Range(0, 5000).Select(_ => Math.Exp(random.NextDouble() * 10))];
        var (one, other) = (new LogHistogram(), new LogHistogram());
        foreach (var (value, place) in values.Select((v, i) => (v, i)))
        {
            (place % 2 == 0 ? one : other).Add(value);
        }

        one.Add(LogHistogram.Parse(other.ToString()));
        var exact = values.Order().ElementAt((int)Math.Ceiling(share * values.Length) - 1);
        Assert.InRange(
            one.Quantile(share)!.Value,
            exact / Math.Sqrt(LogHistogram.Ratio) * 0.999,
            exact * Math.Sqrt(LogHistogram.Ratio) * 1.001
        );
    }

    [Fact]
    public void Quantile_OfNothing_IsNone() => Assert.Null(new LogHistogram().Quantile(0.5));
}
