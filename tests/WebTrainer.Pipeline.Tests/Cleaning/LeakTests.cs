using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

public sealed class LeakTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Decontaminator_CutsAsTheHarnessDoes()
    {
        foreach (var gold in Gold.Cases("contamination_ngram"))
        {
            var cutter = new Decontaminator(
                gold.GetProperty("n").GetInt32(),
                gold.GetProperty("window").GetInt32(),
                gold.GetProperty("too_dirty").GetInt32(),
                gold.GetProperty("min_slice").GetInt32()
            );
            foreach (var contaminant in gold.Texts("contaminants"))
            {
                cutter.Register(contaminant);
            }

            Assert.Equal(gold.GetProperty("overlapping_ngrams").GetInt32(), cutter.Overlaps(gold.Text("doc")));
            Assert.Equal(gold.Texts("clean_chunks"), cutter.Clean(gold.Text("doc")));
        }
    }

    [Fact]
    public void Index_FindsOverlapsWhateverCaseAndSigns_ButNoSetPhrases()
    {
        var index = new OverlapIndex(words: 5);
        index.Add(Row("What is the capital city of France?", "It is Paris, and it has been for long."));
        for (var i = 0; i < 20; i++)
        {
            index.Add(Row($"Answer the question below in one word. Question {i}", "yes"));
        }

        Assert.True(index.Overlaps(Row("WHAT is the CAPITAL city", "?")));
        Assert.True(index.Overlaps(Row("x", "paris and it has been, they say")));
        Assert.True(index.Overlaps(Row("what is the capital city of france", "")));
        Assert.False(index.Overlaps(Row("Answer the question below in one word. Another", "yes")));
        Assert.False(index.Overlaps(Row("What is the capital of France?", "yes")));
    }

    /// <summary>Two words behind an instruction that all rows begin with are no leak, though together they are as long as one.</summary>
    [Fact]
    public void Index_SequenceThatReachesOutOfAnInstruction_CountsByWhatIsItsOwn()
    {
        var index = new OverlapIndex(words: 5);
        foreach (var text in (string[])["my parcel is late again", "the colour is wrong", "please refund my order soon", "I can't sign in"])
        {
            index.Add(Row($"Name the topic now: {text}", "delivery"));
        }

        Assert.False(index.Overlaps(Row("Name the topic now: my parcel came broken", "delivery")));
        Assert.True(index.Overlaps(Row("Name the topic now: why? My parcel is late again!", "delivery")));
        Assert.True(index.Overlaps(Row("Name the topic now: the colour is wrong", "delivery")));
    }

    [Fact]
    public async Task Audit_CountsEachRowOnce_AndNamesWhoJudgesIt()
    {
        const string Long = "The quick brown fox jumps over the lazy dog and then it runs far away from here";
        var version = await _folder.WriteAsync([
            At(0, DataSplit.Train, Long, "a"),
            At(1, DataSplit.Train, "something else", "b"),
            At(2, DataSplit.Train, "asked elsewhere too", "c"),
            At(3, DataSplit.Validation, "asked at the end", "d"),
            At(4, DataSplit.Test, "He said: " + Long.ToUpperInvariant(), "e"),
            At(5, DataSplit.Test, "asked at the end", "f"),
        ]);
        var other = await _folder.WriteAsync(
            [
                At(7, DataSplit.Test, "Asked elsewhere, too!", "g"),
                At(8, DataSplit.Test, Long, "h"),
                At(9, DataSplit.Train, "something else", "i"),
            ],
            "other"
        );
        var judge = new EvaluationVersion(Guid.NewGuid(), "Exam", other.Path);
        var report = await new LeakAuditor().AuditAsync(version.Path, [judge], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(3, report.Rows);
        Assert.Equal(
            [(DataSplit.Train, "the test split", 1L), (DataSplit.Validation, "the test split", 1L), (DataSplit.Train, "Exam", 2L)],
            report.Findings.Select(f => (f.Split, f.Judge, f.Rows))
        );
        Assert.Equal([Generated.Id(0), Generated.Id(2)], report.Findings[2].RowIds);
        Assert.Equal(
            0,
            (await new LeakAuditor().AuditAsync(other.Path, [], cancellationToken: TestContext.Current.CancellationToken)).Rows
        );
    }

    [Fact]
    public async Task CutOut_LeavesWhatStandsFarFromTheOverlap_AndSetsAsideWhatIsNothingElse()
    {
        const string Passage = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
        var before = string.Join(' ', Enumerable.Range(0, 200).Select(i => $"before{i}"));
        var after = string.Join(' ', Enumerable.Range(0, 200).Select(i => $"after{i}"));
        var version = await _folder.WriteAsync([
            At(0, DataSplit.Train, "read", $"{before} {Passage} {after}"),
            At(1, DataSplit.Train, "short", Passage),
            At(2, DataSplit.Test, "exam", Passage),
        ]);
        var recipe = new CleanRecipe { Steps = [new LeaksStep { Action = LeakAction.CutOut }] };
        var report = await new Cleaner().ApplyAsync(
            version.Path,
            recipe,
            _folder.At("cut"),
            cancellationToken: TestContext.Current.CancellationToken
        );
        var rows = await report.Version.RowsAsync();
        Assert.Equal([1L, 3L], rows.Select(r => r.Line));
        Assert.Contains("before0", rows[0].Response, StringComparison.Ordinal);
        Assert.Contains("after199", rows[0].Response, StringComparison.Ordinal);
        Assert.DoesNotContain("seven", rows[0].Response, StringComparison.Ordinal);
        Assert.Equal(Passage, rows[1].Response);
    }

    private static CanonicalRow At(int i, DataSplit split, string prompt, string response) =>
        CanonicalRow.Create(Generated.Id(i), i + 1, null, prompt, response, null, split);

    private static CanonicalRow Row(string prompt, string response) => CanonicalRow.Create("1", 1, null, prompt, response);
}
