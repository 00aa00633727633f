using WebTrainer.Pipeline.Making;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Making;

public sealed class RowMakerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Prompt(int i) =>
        i % 2 == 0 ? $"Where is the parcel that he ordered as number {i}?" : $"Please block the stolen card ending with {i} quickly";

    private static IEnumerable<CanonicalRow> Rows(int count = 100) =>
        Enumerable
            .Range(0, count)
            .Select(i =>
                CanonicalRow.Create(
                    Generated.Id(i),
                    i + 1,
                    "Answer with the label.",
                    Prompt(i),
                    i % 2 == 0 ? "parcel" : "card",
                    i % 2 == 0 ? "parcel" : "card",
                    i % 5 == 0 ? DataSplit.Test : DataSplit.Train
                ) with
                {
                    Extra = new Dictionary<string, string> { ["channel"] = "mail" },
                }
            );

    private static MakeRecipe Typing(double share = 0.5) => new() { Method = MakeMethod.TypingErrors, Share = share };

    [Fact]
    public async Task Make_TypingErrors_KeepsAllRealRows_AndMarksWhatItMade_ToLearnFromAlone_TheSameEachTime()
    {
        var version = await _folder.WriteAsync(Rows(), "version");
        var report = await new RowMaker().MakeAsync(version.Path, Typing(), _folder.At("a"));
        var again = await new RowMaker().MakeAsync(version.Path, Typing(), _folder.At("b"));
        Assert.Equal(report.Version.Sha256, again.Version.Sha256);
        var rows = await report.Version.RowsAsync();
        Assert.Equal(Rows().Select(r => (r.Id, r.Prompt, r.Split)), rows.Take(100).Select(r => (r.Id, r.Prompt, r.Split)));
        var made = rows.Skip(100).ToList();
        Assert.Equal((40, 40), (report.Made, made.Count)); // half of the 80 rows to learn from
        Assert.Equal(120, report.Rows[DataSplit.Train]);
        var real = Rows().ToDictionary(r => r.Id);
        Assert.All(
            made,
            row =>
            {
                var from = real[row.Extra[MadeRows.From]];
                Assert.Equal((DataSplit.Train, from.Label, from.Response, from.System), (row.Split, row.Label, row.Response, row.System));
                Assert.Equal(DataSplit.Train, from.Split);
                Assert.NotEqual(from.Prompt, row.Prompt);
                Assert.Equal(
                    (MadeRows.Made, "typing errors", "mail"),
                    (row.Extra[MadeRows.Origin], row.Extra[MadeRows.By], row.Extra["channel"])
                );
                Assert.InRange(double.Parse(row.Extra[MadeRows.Nearest], System.Globalization.CultureInfo.InvariantCulture), 0.3, 1);
                Assert.Equal(0, row.Line);
            }
        );
        Assert.True(report.LabelsChecked);
    }

    [Fact]
    public async Task Make_PromptOfARowToJudgeBy_IsLeftOut()
    {
        var rows = Rows().ToList();
        rows[0] = CanonicalRow.Create(
            Generated.Id(0),
            1,
            null,
            "Where is the parcel that she ordered as number 2?",
            "parcel",
            "parcel",
            DataSplit.Test
        );
        var version = await _folder.WriteAsync(rows, "version");
        var recipe = new MakeRecipe
        {
            Method = MakeMethod.SwappedWords,
            Share = 1,
            Pairs = [new("he", "she")],
        };
        var report = await new RowMaker().MakeAsync(version.Path, recipe, _folder.At("a"));
        Assert.Equal(1, report.Repeated);
        var made = (await report.Version.RowsAsync()).Where(MadeRows.IsMade).ToList();
        Assert.Equal(39, made.Count); // of 40 rows of parcels to learn from; cards name nobody
        Assert.All(made, row => Assert.Contains(" she ", row.Prompt, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Make_MadeRowLikeRealOnesOfAnotherLabel_IsLeftOut()
    {
        var version = await _folder.WriteAsync(Rows(), "version");
        var recipe = new MakeRecipe
        {
            Method = MakeMethod.Templates,
            Templates =
            [
                new("Where is the parcel that {who} ordered as number {n}?", "card"),
                new("Please block the stolen card of {who}", "card"),
            ],
            Slots = new Dictionary<string, IReadOnlyList<string>> { ["who"] = ["Mia", "Noah", "Ada"], ["n"] = ["7", "8"] },
        };
        var report = await new RowMaker().MakeAsync(version.Path, recipe, _folder.At("a"));
        var made = (await report.Version.RowsAsync()).Where(MadeRows.IsMade).ToList();
        Assert.Equal((3, 6), (report.Made, report.Doubted));
        Assert.Equal(["Ada", "Mia", "Noah"], made.Select(row => row.Prompt.Split(' ')[^1]).Order());
        Assert.All(made, row => Assert.Equal(("card", "card"), (row.Label, row.Response)));
    }

    [Fact]
    public async Task Make_ForLabelsWithFewRows_RaisesThemAlone_UpToTheNumber()
    {
        var few = Rows().Where((_, i) => i % 2 == 1 || i < 12); // 4 rows of parcels to learn from
        var version = await _folder.WriteAsync(few, "version");
        var report = await new RowMaker().MakeAsync(version.Path, Typing(1) with { LeastPerLabel = 20, WordShare = 0.6 }, _folder.At("a"));
        var train = (await report.Version.RowsAsync()).Where(row => row.Split == DataSplit.Train).CountBy(row => row.Label!).ToDictionary();
        Assert.Equal((20, 40), (train["parcel"], train["card"]));
    }

    [Fact]
    public async Task Make_OfAVersionWithMadeRows_TakesRealRowsAlone()
    {
        var version = await _folder.WriteAsync(Rows(), "version");
        var first = await new RowMaker().MakeAsync(version.Path, Typing(), _folder.At("a"));
        var second = await new RowMaker().MakeAsync(first.Version.Path, Typing() with { Seed = 7 }, _folder.At("b"));
        var real = Rows().Select(row => row.Id).ToHashSet();
        var made = (await second.Version.RowsAsync()).Where(MadeRows.IsMade).ToList();
        Assert.Equal(80, made.Count);
        Assert.All(made, row => Assert.Contains(row.Extra[MadeRows.From], real));
        Assert.Equal(made.Count, made.Select(row => row.Id).Distinct().Count());
    }

    [Fact]
    public async Task Split_OfAVersionWithMadeRows_IsRefused_ForTheyWouldJudge()
    {
        var version = await _folder.WriteAsync(Rows(), "version");
        var made = await new RowMaker().MakeAsync(version.Path, Typing(), _folder.At("a"));
        var refused = await Assert.ThrowsAsync<DataProblemException>(() =>
            new Splitter().SplitByHashAsync(made.Version.Path, _folder.At("b"), new SplitShares(0.2, 0.2), null, 1)
        );
        Assert.Contains("made by a rule", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Make_OfUnsplitRows_OrWithNothingToChange_OrForAnUnknownLabel_IsRefusedInWords()
    {
        var unsplit = await _folder.WriteAsync(Rows().Select(row => row with { Split = null }), "unsplit");
        Assert.Contains("not split", await RefusedAsync(unsplit.Path, Typing()), StringComparison.Ordinal);
        var version = await _folder.WriteAsync(Rows(), "version");
        var swaps = new MakeRecipe { Method = MakeMethod.SwappedWords, Pairs = [new("queen", "king")] };
        Assert.Contains(
            "no row to learn from has what the recipe changes",
            await RefusedAsync(version.Path, swaps),
            StringComparison.Ordinal
        );
        var unknown = new MakeRecipe { Method = MakeMethod.Templates, Templates = [new("Hello", "greeting")] };
        Assert.Contains("'greeting'", await RefusedAsync(version.Path, unknown), StringComparison.Ordinal);
        Assert.Contains("leastPerLabel", await RefusedAsync(version.Path, Typing() with { LeastPerLabel = 3 }), StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(string version, MakeRecipe recipe) =>
        (await Assert.ThrowsAsync<DataProblemException>(() => new RowMaker().MakeAsync(version, recipe, _folder.At("never")))).Message;
}
