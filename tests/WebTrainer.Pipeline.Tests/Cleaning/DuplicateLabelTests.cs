using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

/// <summary>Rows that look alike and have other labels are what a classifier has to learn: they stay unless somebody asks.</summary>
[Trait("Category", "Slow")]
public sealed class DuplicateLabelTests : IDisposable
{
    private static readonly CanonicalRow[] s_rows =
    [
        Row(0, "when should i change my oil", "oil change when"),
        Row(1, "when should i change my tires", "tire change"),
        Row(2, "When should I change my oil?", "oil change when"),
        Row(3, "when should i change my oil", "oil change how"),
        Row(4, "when should i change my oil", "Oil  change when"),
        Row(5, "play some jazz in the kitchen", "play music"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Exact_OtherLabels_StayUnlessAsked()
    {
        foreach (var keep in new[] { DuplicateKeep.First, DuplicateKeep.BestRated }) // by DuckDB, and row by row
        {
            var step = new ExactDuplicatesStep { By = DuplicateBy.Prompt, Keep = keep };
            await AssertAsync(step, [0, 1, 2, 3, 5], "1 row stays");
            await AssertAsync(step with { Within = DuplicateWithin.Everything }, [0, 1, 2, 5], note: null);
        }
    }

    [Fact]
    public async Task Near_OtherLabels_StayUnlessAsked()
    {
        var step = new NearDuplicatesStep { Sequences = NearBy.Letters, Threshold = 0.5 };
        await AssertAsync(step, [0, 1, 3, 5], "2 rows stay");
        await AssertAsync(step with { Within = DuplicateWithin.Everything }, [0, 5], note: null);
    }

    [Fact]
    public async Task Semantic_OtherLabels_StayUnlessAsked()
    {
        var step = new SemanticDuplicatesStep { Threshold = 0.6 };
        await AssertAsync(step, [0, 1, 3, 5], "2 rows stay");
        await AssertAsync(step with { Within = DuplicateWithin.Everything }, [0, 5], note: null);
    }

    [Theory]
    [InlineData(DuplicateWithin.Label, new[] { 0, 2 })]
    [InlineData(DuplicateWithin.Answer, new[] { 0, 1, 2 })]
    [InlineData(DuplicateWithin.Everything, new[] { 0 })]
    public async Task Within_AnswersWithoutLabel_AreHeldApartWhenAsked(DuplicateWithin within, int[] stay)
    {
        CanonicalRow[] rows =
        [
            CanonicalRow.Create(Generated.Id(0), 1, null, "Where is my new card now?", "On its way."),
            CanonicalRow.Create(Generated.Id(1), 2, null, "where is my new card now?", "I will look."),
            CanonicalRow.Create(Generated.Id(2), 3, null, "Where is my new card now?", "On its way.", "delivery"),
            CanonicalRow.Create(Generated.Id(3), 4, null, "Where is my new card now?", "On its way.", "delivery"),
        ];
        foreach (
            CleanStep step in (CleanStep[])
                [
                    new ExactDuplicatesStep { By = DuplicateBy.Prompt, Within = within },
                    new ExactDuplicatesStep
                    {
                        By = DuplicateBy.Prompt,
                        Within = within,
                        Keep = DuplicateKeep.BestRated,
                    },
                    new NearDuplicatesStep { Within = within },
                    new SemanticDuplicatesStep { Within = within },
                ]
        )
        {
            Assert.Equal(stay, await StayAsync(step, rows));
        }
    }

    /// <summary>With the usual settings no intent of a bank's customers loses a row for one of another intent.</summary>
    [Fact]
    public async Task Near_Banking77_NoRowGoesForOneOfAnotherIntent()
    {
        using var parser = new Microsoft.VisualBasic.FileIO.TextFieldParser(RealData.File("banking77", "train.csv").Path);
        parser.SetDelimiters(",");
        var rows = new List<CanonicalRow>();
        for (var fields = parser.ReadFields(); (fields = parser.ReadFields()) is not null; )
        {
            rows.Add(Row(rows.Count, fields[0], fields[1]));
        }

        var version = await _folder.WriteAsync(rows, "banking");
        foreach (
            CleanStep step in (CleanStep[])
                [
                    new NearDuplicatesStep { Sequences = NearBy.Letters, Threshold = 0.6 },
                    new ExactDuplicatesStep { By = DuplicateBy.Prompt },
                ]
        )
        {
            var report = await new Cleaner().ApplyAsync(
                version.Path,
                new CleanRecipe { Steps = [step] },
                _folder.At(Guid.NewGuid().ToString("N")),
                cancellationToken: TestContext.Current.CancellationToken
            );
            var labels = rows.ToDictionary(r => r.Id, r => r.Label);
            var aside = await new SetAsideReader().AllAsync(report.SetAsidePath!, TestContext.Current.CancellationToken);
            Assert.NotEmpty(aside);
            Assert.All(aside, row => Assert.Equal(labels[row.Id], labels[row.TwinId!]));
        }
    }

    private async Task AssertAsync(CleanStep step, int[] stay, string? note)
    {
        var version = await _folder.WriteAsync(s_rows, Guid.NewGuid().ToString("N"));
        var preview = await new Cleaner().PreviewAsync(
            version.Path,
            new CleanRecipe { Steps = [step] },
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.Equal(stay, await StayAsync(step, s_rows));
        Assert.Equal(s_rows.Length - stay.Length, preview.SetAside);
        if (note is null)
        {
            Assert.Null(preview.Steps[0].Note);
        }
        else
        {
            Assert.StartsWith(note, preview.Steps[0].Note, StringComparison.Ordinal);
        }
    }

    private async Task<IEnumerable<int>> StayAsync(CleanStep step, IEnumerable<CanonicalRow> rows)
    {
        var version = await _folder.WriteAsync(rows, Guid.NewGuid().ToString("N"));
        var report = await new Cleaner().ApplyAsync(
            version.Path,
            new CleanRecipe { Steps = [step] },
            _folder.At(Guid.NewGuid().ToString("N")),
            cancellationToken: TestContext.Current.CancellationToken
        );
        return (await report.Version.RowsAsync()).Select(r => (int)r.Line - 1);
    }

    private static CanonicalRow Row(int i, string prompt, string label) =>
        CanonicalRow.Create(Generated.Id(i), i + 1, null, prompt, label, label);
}
