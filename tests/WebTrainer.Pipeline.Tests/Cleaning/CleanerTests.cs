using System.Text.Json;
using CsCheck;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Finders;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

public sealed class CleanerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Cleaner _cleaner = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Apply_StepsInOrder_ChangesAndSetsAsideWithReasons()
    {
        var report = await ApplyAsync(
            Recipe(
                new WhitespaceStep(),
                new PersonalDataStep(),
                new ExactDuplicatesStep { By = DuplicateBy.Prompt },
                new LengthStep { Min = 5 }
            ),
            Row("1", "<p>Write to  <b>ada@example.org</b></p>", "ok"),
            Row("2", "Write to bob@example.org", "ok"),
            Row("3", "Hi", "ok"),
            Row("4", "<br>", "ok")
        );

        // The duplicate shows only after tags and addresses are gone: order matters.
        var rows = await report.Version.RowsAsync();
        Assert.Equal([("1", "Write to [EMAIL]")], rows.Select(r => (r.Id, r.Prompt)));
        Assert.Equal([(4L, 1L, 1L), (3L, 2L, 0L), (3L, 0L, 1L), (2L, 0L, 1L)], report.Steps.Select(s => (s.RowsIn, s.Changed, s.SetAside)));
        Assert.Equal(
            [("2", 2, "1"), ("3", 3, null), ("4", 0, (string?)null)],
            (await AsideAsync(report)).OrderBy(r => r.Id).Select(r => (r.Id, r.Step, r.TwinId))
        );
    }

    [Fact]
    public async Task Apply_SameRecipeFromItsFile_GivesTheSameBytes()
    {
        var recipe = Recipe(new UnicodeStep(), new NearDuplicatesStep(), new BalanceStep { MaxOfLabel = 40 }, new LengthStep());
        var version = await _folder.WriteAsync(Generated.Labelled(500, 3));
        var first = await _cleaner.ApplyAsync(version.Path, recipe, _folder.At("1"));
        var again = await _cleaner.ApplyAsync(version.Path, CleanRecipe.Parse(recipe.ToJson()), _folder.At("2"));
        Assert.Equal(first.Version.Sha256, again.Version.Sha256);
        Assert.True(first.SetAside > 0);
    }

    [Fact]
    public async Task Apply_RowTakenBack_StaysAndStandsForItsTwins()
    {
        var recipe = Recipe(new ExactDuplicatesStep(), new LengthStep { Min = 100 });
        CanonicalRow[] rows = [Row("1", "same", "a"), Row("2", "same", "a"), Row("3", "same", "a")];
        var report = await ApplyAsync(recipe with { Keep = ["2"] }, rows);

        Assert.Equal(["2"], (await report.Version.RowsAsync()).Select(r => r.Id));
        Assert.All(await AsideAsync(report), r => Assert.Equal("2", r.TwinId));
    }

    [Fact]
    public async Task Apply_Leaks_GoFromTrainingButNotFromTest()
    {
        const string Question = "How do I tell my bank that a card was lost on a journey in a country far away from home?";
        var report = await ApplyAsync(
            Recipe(new LeaksStep()),
            Row("1", Question, "x") with
            {
                Split = DataSplit.Train,
            },
            Row("2", "Please say: " + Question + " Thanks", "x") with
            {
                Split = DataSplit.Train,
            },
            Row("3", Question.ToUpperInvariant(), "x") with
            {
                Split = DataSplit.Test,
            },
            Row("4", "Something else", "x") with
            {
                Split = DataSplit.Train,
            },
            Row("5", "Short", "x") with
            {
                Split = DataSplit.Validation,
            },
            Row("6", "short!", "x") with
            {
                Split = DataSplit.Train,
            }
        );

        Assert.Equal(["3", "4", "5"], (await report.Version.RowsAsync()).Select(r => r.Id));
        Assert.Equal(DataSplit.Test, (await report.Version.RowsAsync())[0].Split);
    }

    [Fact]
    public async Task Apply_LeaksIntoAnEvaluationSet_AreFound()
    {
        var judge = await _folder.WriteAsync([Row("e", "What is the boiling point of water?", "100")], "judge");
        var id = Guid.NewGuid();
        var version = await _folder.WriteAsync([Row("1", "what is the boiling point of water", "a"), Row("2", "And of wine?", "b")]);
        var step = new LeaksStep { BetweenSplits = false, EvaluationSets = [id] };
        var report = await _cleaner.ApplyAsync(
            version.Path,
            Recipe(step),
            _folder.At("s"),
            new CleanSources { EvaluationSets = new Dictionary<Guid, string> { [id] = judge.Path } }
        );

        Assert.Equal(["2"], (await report.Version.RowsAsync()).Select(r => r.Id));
        await Assert.ThrowsAsync<DataProblemException>(() => _cleaner.ApplyAsync(version.Path, Recipe(step), _folder.At("t")));
    }

    [Theory]
    [InlineData(DuplicateKeep.First, "1")]
    [InlineData(DuplicateKeep.Last, "3")]
    [InlineData(DuplicateKeep.Longest, "2")]
    public async Task Apply_Duplicates_KeepTheRowThatWasChosen(DuplicateKeep keep, string kept)
    {
        CanonicalRow[] rows = [Row("1", "What is it?", "a"), Row("2", "what is  it?", "longer"), Row("3", "WHAT is it?", "b")];
        foreach (
            var step in new CleanStep[]
            {
                new ExactDuplicatesStep { By = DuplicateBy.Prompt, Keep = keep },
                new NearDuplicatesStep { Keep = keep },
            }
        )
        {
            var version = await _folder.WriteAsync(rows, "rows" + step.GetType().Name + keep);
            var report = await _cleaner.ApplyAsync(version.Path, Recipe(step), _folder.At(Guid.NewGuid().ToString("N")));
            Assert.Equal([kept], (await report.Version.RowsAsync()).Select(r => r.Id));
        }
    }

    [Fact]
    public async Task Apply_NothingLeft_IsRefusedAndLeavesNothing()
    {
        var version = await _folder.WriteAsync([Row("1", "Hi", "ok")]);
        await Assert.ThrowsAsync<DataProblemException>(() =>
            _cleaner.ApplyAsync(version.Path, Recipe(new LengthStep { Min = 10 }), _folder.At("s"))
        );
        Assert.Equal([version.Path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public async Task Apply_Cancelled_LeavesNothing()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(20_000, 3));
        using var stop = new CancellationTokenSource();
        var progress = new Immediately(p =>
        {
            if (p.Done > 1_000)
            {
                stop.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _cleaner.ApplyAsync(
                version.Path,
                Recipe(new NearDuplicatesStep()),
                _folder.At("s"),
                progress: progress,
                cancellationToken: stop.Token
            )
        );
        Assert.Equal([version.Path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public async Task Preview_ShowsBeforeAndAfter_AndMakesNothing()
    {
        var version = await _folder.WriteAsync([
            Row("1", "Write to ada@example.org", "ok"),
            Row("2", "Good day to you", "ok"),
            Row("3", "good DAY to you", "ok"),
        ]);
        var preview = await _cleaner.PreviewAsync(version.Path, Recipe(new PersonalDataStep(), new ExactDuplicatesStep()));

        Assert.Equal((3L, 3L, 1L), (preview.Rows, preview.RowsLookedAt, preview.SetAside));
        var changed = Assert.Single(preview.Examples, e => e.Step == 0);
        Assert.Equal(("Write to ada@example.org", "Write to [EMAIL]"), (changed.Before.Prompt, changed.After!.Prompt));
        var aside = Assert.Single(preview.Examples, e => e.Step == 1);
        Assert.Equal(("3", "2"), (aside.Before.Id, aside.Twin!.Id));
        Assert.Equal([version.Path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public async Task Preview_OfMany_LooksAtRowsSpreadOverAll()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(12_000, 3));
        var preview = await _cleaner.PreviewAsync(version.Path, Recipe(new LengthStep()));
        Assert.Equal((12_000L, 4_000L), (preview.Rows, preview.RowsLookedAt));
    }

    [Fact]
    public void Recipe_OfEveryStep_ReadsBackFromItsFile()
    {
        var recipe = Recipe(
            new UnicodeStep(),
            new WhitespaceStep(),
            new LengthStep(),
            new PatternStep { Pattern = "a+" },
            new FieldStep(),
            new RelabelStep { From = "a", To = "b" },
            new LanguageStep(),
            new QualityStep(),
            new PersonalDataStep(),
            new SecretsStep(),
            new ExactDuplicatesStep(),
            new NearDuplicatesStep(),
            new SemanticDuplicatesStep(),
            new LeaksStep(),
            new BalanceStep(),
            new ReweighStep { Column = "sex" },
            new TemplateStep(),
            new WordListStep(),
            new TokenLimitStep { Tokenizer = "base" }
        );
        var all = typeof(CleanStep).GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonDerivedTypeAttribute), false).Length;
        Assert.Equal(all, recipe.Steps.Count);
        Assert.Equal(recipe.ToJson(), CleanRecipe.Parse(recipe.ToJson()).ToJson());
        Assert.Equal(recipe.ToJson(), CleanRecipe.Parse(recipe.ToYaml()).ToJson());
        Assert.StartsWith("steps:\n- step: unicode\n", recipe.ToYaml(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("steps:\n- step: [")]
    [InlineData(
        "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]"
    )]
    [InlineData("- just\n- a list")]
    [InlineData("? [a list, as a name]\n: 1")]
    [InlineData("[]: 1")]
    [InlineData("{a: b}: 1")]
    [InlineData("steps: &again\n- *again")]
    [InlineData("{\"steps\":[]}")]
    [InlineData("{\"steps\":[null]}")]
    [InlineData("{\"steps\":[{\"step\":\"format disk\"}]}")]
    [InlineData("{\"steps\":[{\"step\":\"length\",\"min\":9,\"max\":3}]}")]
    [InlineData("{\"steps\":[{\"step\":\"pattern\",\"pattern\":\"(\"}]}")]
    [InlineData("{\"steps\":[{\"step\":\"pattern\",\"pattern\":\"(a)\\\\1\"}]}")]
    [InlineData("{\"steps\":[{\"step\":\"personalData\",\"kinds\":null}]}")]
    [InlineData("{\"steps\":[{\"step\":\"language\",\"languages\":[\"xx\"]}]}")]
    public void Recipe_ThatCannotBe_IsRefusedInASentence(string json) => Assert.Throws<DataProblemException>(() => CleanRecipe.Parse(json));

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Recipe_OfTooManyLevels_IsRefusedBeforeItIsBuilt(char open, char close)
    {
        var levels = new string(open, 40) + "a" + new string(close, 40);
        foreach (var text in (string[])["- " + levels, "steps: " + levels])
        {
            Assert.Contains(
                "32 levels",
                Assert.Throws<DataProblemException>(() => CleanRecipe.Parse(text)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Recipe_OfAnyText_IsReadOrRefused() =>
        Gen.String[Gen.Char["{}[]\":,?&*-stepLength01n \n"], 0, 80]
            .Sample(text =>
            {
                try
                {
                    return CleanRecipe.Parse(text).Steps.Count > 0;
                }
                catch (DataProblemException)
                {
                    return true;
                }
            });

    private async Task<CleanReport> ApplyAsync(CleanRecipe recipe, params CanonicalRow[] rows) =>
        await _cleaner.ApplyAsync((await _folder.WriteAsync(rows)).Path, recipe, _folder.At("cleaned"));

    private static Task<IReadOnlyList<SetAsideRow>> AsideAsync(CleanReport report) => new SetAsideReader().AllAsync(report.SetAsidePath!);

    private static CleanRecipe Recipe(params CleanStep[] steps) => new() { Steps = steps };

    private static CanonicalRow Row(string id, string prompt, string response) => CanonicalRow.Create(id, 1, null, prompt, response);

    private sealed class Immediately(Action<WorkProgress> report) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => report(value);
    }
}
