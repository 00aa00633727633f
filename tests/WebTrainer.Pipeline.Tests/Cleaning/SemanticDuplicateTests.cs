using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

[Trait("Category", "Slow")]
public sealed class SemanticDuplicateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rephrased_IsSetAside_OtherSubjectsStay()
    {
        string[] texts =
        [
            "How do I reset the password of my account?",
            "How can I reset my account's password?",
            "Which fees do you charge for transfers abroad?",
            "What is the weather like in Lisbon in June?",
            "My parcel has not arrived, where is it?",
            "The colour of the sky at night is black.",
        ];
        var result = await CleanAsync(new SemanticDuplicatesStep { Threshold = 0.75 }, texts.Select((t, i) => Row(i, t)));
        Assert.Equal([0, 2, 3, 4, 5], result.Stay);
        Assert.Equal([(1, 0)], result.Aside);
    }

    [Theory]
    [InlineData(DuplicateKeep.First, 0)]
    [InlineData(DuplicateKeep.Last, 2)]
    [InlineData(DuplicateKeep.Longest, 1)]
    [InlineData(DuplicateKeep.BestRated, 2)]
    public async Task Keep_SaysWhichRowStays(DuplicateKeep keep, int stays)
    {
        var rows = new[] { ("short", "3"), ("a much longer answer", "1.5"), ("middling", "4") }.Select(
            (r, i) => Row(i, "Where is my card now?", r.Item1) with { Extra = new Dictionary<string, string> { ["stars"] = r.Item2 } }
        );
        foreach (
            CleanStep step in (CleanStep[])
                [
                    new SemanticDuplicatesStep { Keep = keep, Rating = "stars" },
                    new NearDuplicatesStep { Keep = keep, Rating = "stars" },
                    new ExactDuplicatesStep
                    {
                        By = DuplicateBy.Prompt,
                        Keep = keep,
                        Rating = "stars",
                    },
                ]
        )
        {
            Assert.Equal([stays], (await CleanAsync(step, rows)).Stay);
        }
    }

    [Fact]
    public async Task Duplicates_OfWhatJudges_AreTakenFromTraining()
    {
        var rows = new[] { DataSplit.Train, DataSplit.Validation, DataSplit.Test }.Select(
            (split, i) => Row(i, "Where is my card now?") with { Split = split }
        );
        foreach (
            CleanStep step in (CleanStep[])
                [new SemanticDuplicatesStep(), new NearDuplicatesStep(), new ExactDuplicatesStep { Keep = DuplicateKeep.Longest }]
        )
        {
            Assert.Equal([2], (await CleanAsync(step, rows)).Stay);
        }
    }

    [Fact]
    public async Task Result_IsTheSameEachTime_AndRowsWithoutWordsStay()
    {
        var random = new Random(5);
        string[] words = ["card", "lost", "money", "abroad", "transfer", "fee", "account", "closed", "limit", "cash", "today", "why"];
        var rows = Enumerable
            .Range(0, 2_000)
            .Select(i =>
                Row(i, i % 100 == 0 ? "…" : string.Join(' ', Enumerable.Range(0, 8).Select(_ => words[random.Next(words.Length)])))
            )
            .ToList();
        var step = new SemanticDuplicatesStep { Threshold = 0.9 };
        var first = await CleanAsync(step, rows, "a.parquet");
        Assert.Equal(first.Stay, (await CleanAsync(step, rows, "b.parquet")).Stay);
        Assert.Equal(20, first.Stay.Count(i => i % 100 == 0));
        Assert.NotEmpty(first.Aside);
    }

    private async Task<(List<int> Stay, List<(int Row, int Twin)> Aside)> CleanAsync(
        CleanStep step,
        IEnumerable<CanonicalRow> rows,
        string? name = null
    )
    {
        var version = await _folder.WriteAsync(rows, Guid.NewGuid().ToString("N"));
        var report = await new Cleaner().ApplyAsync(
            version.Path,
            new CleanRecipe { Steps = [step] },
            _folder.At(name ?? Guid.NewGuid().ToString("N"))
        );
        var aside = report.SetAsidePath is null ? [] : await new SetAsideReader().AllAsync(report.SetAsidePath);
        return (
            [.. (await report.Version.RowsAsync()).Select(r => (int)r.Line - 1)],
            [.. aside.Select(a => (Number(a.Id), Number(a.TwinId!)))]
        );
    }

    private static int Number(string id) => Convert.ToInt32(id, 16);

    private static CanonicalRow Row(int i, string prompt, string? response = null) =>
        CanonicalRow.Create(Generated.Id(i), i + 1, null, prompt, response ?? "yes");
}
