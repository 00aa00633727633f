using CsCheck;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Splits;

public sealed class SplitterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Splitter _splitter = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SplitByHash_KeepsGroupsTogether_AndEachWhereItIsWhenRowsAreAdded()
    {
        static CanonicalRow Row(int i) =>
            CanonicalRow.Create(Generated.Id(i), i + 1, null, $"Question {i}", "a") with
            {
                Extra = new Dictionary<string, string> { ["patient"] = $"p{i % 300}" },
            };
        var few = await _folder.WriteAsync(Enumerable.Range(0, 900).Select(Row), "few");
        var many = await _folder.WriteAsync(Enumerable.Range(0, 1500).Select(Row), "many");
        var shares = new SplitShares(0.1, 0.2);
        var first = await (await new Splitter().SplitByHashAsync(few.Path, _folder.At("a"), shares, "patient", 7)).Version.RowsAsync();
        var second = await (await new Splitter().SplitByHashAsync(many.Path, _folder.At("b"), shares, "patient", 7)).Version.RowsAsync();
        Assert.All(second.GroupBy(r => r.Extra["patient"]), group => Assert.Single(group.Select(r => r.Split).Distinct()));
        Assert.Equal(first.Select(r => r.Split), second.Take(900).Select(r => r.Split));
        Assert.InRange(second.Count(r => r.Split == DataSplit.Test), 200, 400);
        await Assert.ThrowsAsync<DataProblemException>(() =>
            new Splitter().SplitByHashAsync(few.Path, _folder.At("c"), shares, "doctor", 7)
        );
    }

    [Fact]
    public async Task Split_Shares_AreMetOverallAndWithinLabels()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(10_000, 77));
        var report = await _splitter.SplitAsync(version.Path, _folder.At("s"), new SplitShares(0.1, 0.2), 1);

        Assert.Equal(
            (7_000L, 1_000L, 2_000L),
            (report.Rows[DataSplit.Train], report.Rows[DataSplit.Validation], report.Rows[DataSplit.Test])
        );
        foreach (var label in (await report.Version.RowsAsync()).GroupBy(r => r.Label))
        {
            Assert.InRange(label.Count(r => r.Split == DataSplit.Test), (label.Count() * 0.2) - 2, (label.Count() * 0.2) + 2);
        }
    }

    [Fact]
    public async Task Split_SameSeed_IsTheSame_OtherSeedIsNot()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(500, 5));
        var shares = new SplitShares(0.1, 0.1);
        var first = await _splitter.SplitAsync(version.Path, _folder.At("1"), shares, 1);
        var again = await _splitter.SplitAsync(version.Path, _folder.At("2"), shares, 1);
        var other = await _splitter.SplitAsync(version.Path, _folder.At("3"), shares, 2);

        Assert.Equal(first.Version.Sha256, again.Version.Sha256);
        Assert.NotEqual(first.Version.Sha256, other.Version.Sha256);
    }

    [Fact]
    public void Deal_AnyGroups_MeetsSharesWithinTheLargestGroup() =>
        Gen.Select(Gen.Int[0, 40].Array[20, 200], Gen.Double[0, 0.4], Gen.Double[0, 0.4], Gen.Long)
            .Sample(
                (prompts, validation, test, seed) =>
                {
                    var plan = new SplitPlan();
                    foreach (var p in prompts)
                    {
                        plan.Add((UInt128)(uint)p, p % 3 == 0 ? "a" : "b");
                    }

                    plan.Deal(new SplitShares(validation, test), seed);
                    var largest = prompts.CountBy(p => p).Max(c => c.Value);
                    double Off(DataSplit split, double share) =>
                        Math.Abs(prompts.Count(p => plan.SplitOf((UInt128)(uint)p) == split) - (prompts.Length * share));
                    return Off(DataSplit.Test, test) <= largest + 1 && Off(DataSplit.Validation, validation) <= (2 * largest) + 1;
                }
            );

    [Fact]
    public async Task Split_EqualPrompts_StayTogether()
    {
        string[] forms = ["Where is my card {0}?", "where is  my card {0}? ", "WHERE IS MY CARD {0}?"];
        var rows = Enumerable
            .Range(0, 300)
            .Select(i =>
                CanonicalRow.Create(Generated.Id(i), i, null, forms[i % 3].Replace("{0}", $"{i / 3}", StringComparison.Ordinal), "a")
            );
        var version = await _folder.WriteAsync(rows);
        var report = await _splitter.SplitAsync(version.Path, _folder.At("s"), new SplitShares(0.2, 0.2), 7);

        var split = await report.Version.RowsAsync();
        Assert.All(split.Chunk(3), group => Assert.Single(group.Select(r => r.Split).Distinct()));
        Assert.Equal(60, report.Rows[DataSplit.Test]);
    }

    [Fact]
    public async Task Split_OneRow_SaysWhatIsMissing()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(1, 1));
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            _splitter.SplitAsync(version.Path, _folder.At("s"), new SplitShares(0.1, 0.1), 1)
        );

        Assert.Contains("'validation'", problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.At("s")));
    }

    [Theory]
    [InlineData(false, 3, 9)]
    [InlineData(true, 3, 6)]
    public async Task Compose_Leaks_AreCountedAndDroppedIfAsked(bool drop, long leaks, long train)
    {
        var trainVersion = await _folder.WriteAsync(Generated.Labelled(9, 3), "train");
        var testRows = Generated.Labelled(3, 3).Select(r => r with { Id = "t" + r.Id, Prompt = r.Prompt.ToUpperInvariant() });
        var testVersion = await _folder.WriteAsync(testRows, "test");
        var report = await _splitter.ComposeAsync(
            [new VersionPart(trainVersion.Path, DataSplit.Train), new VersionPart(testVersion.Path, DataSplit.Test)],
            _folder.At("s"),
            new ComposeOptions { DropLeaks = drop }
        );

        Assert.Equal((leaks, train, 3L), (report.Leaks, report.Rows[DataSplit.Train], report.Rows[DataSplit.Test]));
    }

    [Fact]
    public async Task Compose_SameFileTwice_IsRefused()
    {
        var rows = Generated.Labelled(9, 3).ToList();
        VersionPart[] parts =
        [
            new((await _folder.WriteAsync(rows, "1")).Path, DataSplit.Train),
            new((await _folder.WriteAsync(rows, "2")).Path, DataSplit.Test),
        ];

        await Assert.ThrowsAsync<DataProblemException>(() => _splitter.ComposeAsync(parts, _folder.At("s"), new ComposeOptions()));
    }

    [Fact]
    public async Task Compose_Banking77_KeepsTheOfficialTestAndTakesValidationFromTraining()
    {
        var train = await _folder.ImportAsync(RealData.File("banking77", "train.csv"), name: "train");
        var test = await _folder.ImportAsync(RealData.File("banking77", "test.csv"), name: "test");
        var report = await _splitter.ComposeAsync(
            [new VersionPart(train.Version.Path, DataSplit.Train), new VersionPart(test.Version.Path, DataSplit.Test)],
            _folder.At("s"),
            new ComposeOptions { ValidationShare = 0.1, DropLeaks = true }
        );

        Assert.Equal(3_080, report.Rows[DataSplit.Test]);
        Assert.Equal(10_003, report.Rows[DataSplit.Train] + report.Rows[DataSplit.Validation] + report.Leaks);
        Assert.InRange(report.Rows[DataSplit.Validation], 995, 1_005);
        var validation = (await report.Version.RowsAsync()).Where(r => r.Split == DataSplit.Validation);
        Assert.Equal(77, validation.Select(r => r.Label).Distinct().Count());
        TestContext.Current.SendDiagnosticMessage($"banking77 leaks: {report.Leaks}");
    }
}
