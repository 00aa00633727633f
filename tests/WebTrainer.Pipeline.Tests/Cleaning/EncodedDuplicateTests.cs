using System.Collections.Concurrent;
using System.Text.Json;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Tests.Support;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Tests.Cleaning;

/// <summary>Rows compared by an encoder of the server; here one that counts letters, in 26 numbers.</summary>
[Trait("Category", "Slow")]
public sealed class EncodedDuplicateTests : IDisposable
{
    private const string Model = "letters";
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string[]> _given = new();
    private long _truncated;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Alike_AreSetAsideForTheRowThatStays_AndEachTextIsEncodedOnce()
    {
        var report = await CleanAsync(
            new SemanticDuplicatesStep { Model = Model },
            "listen",
            "quick brown fox",
            "silent",
            "listen",
            "…",
            "…",
            "jazz"
        );
        Assert.Equal([0, 1, 4, 5, 6], (await report.Version.RowsAsync()).Select(r => (int)r.Line - 1));
        Assert.Equal([0, 0], (await new SetAsideReader().AllAsync(report.SetAsidePath!)).Select(a => Convert.ToInt32(a.TwinId!, 16)));
        Assert.Equal(["jazz", "listen", "quick brown fox", "silent"], Assert.Single(_given).Order(StringComparer.Ordinal));
        Assert.Null(report.Steps[0].Note);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task TextsThatWereCut_AreToldWithTheReport()
    {
        _truncated = 3;
        var report = await CleanAsync(new SemanticDuplicatesStep { Model = Model }, "listen", "silent");
        Assert.Equal("3 texts have more than the 8 tokens that letters reads: only their beginnings were compared.", report.Steps[0].Note);
    }

    [Fact]
    public async Task StepBefore_ChangesWhatIsEncoded()
    {
        var version = await WriteAsync("mail ada@example.org", "mail bob@example.org");
        var recipe = new CleanRecipe { Steps = [new PersonalDataStep(), new SemanticDuplicatesStep { Model = Model }] };
        var report = await new Cleaner().ApplyAsync(version, recipe, _folder.At("out"), Sources());
        Assert.Equal(1, report.Version.Rows);
        Assert.Equal(["mail [EMAIL]"], Assert.Single(_given));
    }

    [Fact]
    public async Task Encoder_ThatIsGone_IsNamed()
    {
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            CleanAsync(new SemanticDuplicatesStep { Model = "gone" }, "listen")
        );
        Assert.Contains("'gone'", problem.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Encoder_ThatFailsOrIsStopped_LeavesNoTexts()
    {
        var version = await WriteAsync("listen", "silent");
        var recipe = new CleanRecipe { Steps = [new SemanticDuplicatesStep { Model = Model }] };
        foreach (var fault in (Exception[])[new OperationCanceledException(), new DataProblemException("no memory")])
        {
            var sources = Sources() with { Encoders = new Dictionary<string, TextEncoding> { [Model] = (_, _, _, _) => throw fault } };
            Assert.Same(
                fault,
                await Assert.ThrowsAnyAsync<Exception>(() => new Cleaner().ApplyAsync(version, recipe, _folder.At("out"), sources))
            );
        }

        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Encoder_ThatGivesVectorsOfOtherTexts_IsNotBelieved()
    {
        var version = await WriteAsync("listen", "silent");
        var sources = Sources() with
        {
            Encoders = new Dictionary<string, TextEncoding>
            {
                [Model] = async (texts, vectors, progress, cancellationToken) =>
                    await EncodeAsync(texts, vectors, progress, cancellationToken) with
                    {
                        Texts = 1,
                    },
            },
        };
        await Assert.ThrowsAsync<DataProblemException>(() =>
            new Cleaner().ApplyAsync(
                version,
                new CleanRecipe { Steps = [new SemanticDuplicatesStep { Model = Model }] },
                _folder.At("out"),
                sources
            )
        );
    }

    [Fact]
    public async Task Preview_LetsTheModelReadAThousandRows()
    {
        var version = await WriteAsync([.. Enumerable.Range(0, 3_000).Select(i => $"listen {i}")]);
        var preview = await new Cleaner().PreviewAsync(
            version,
            new CleanRecipe { Steps = [new SemanticDuplicatesStep { Model = Model }] },
            Sources()
        );
        Assert.Equal(
            (3_000, Cleaner.PreviewRowsForModel, Cleaner.PreviewRowsForModel - 1),
            (preview.Rows, preview.RowsLookedAt, preview.SetAside)
        );
        Assert.Equal(Cleaner.PreviewRowsForModel, Assert.Single(_given).Length);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Recipe_ReadBackFromItsFile_GivesTheSameRows()
    {
        var random = new Random(3);
        string[] texts =
        [
            .. Enumerable.Range(0, 2_000).Select(_ => new string([.. Enumerable.Range(0, 12).Select(_ => (char)('a' + random.Next(26)))])),
        ];
        var recipe = new CleanRecipe { Steps = [new SemanticDuplicatesStep { Model = Model, Threshold = 0.8 }] };
        Assert.Contains("model: letters", recipe.ToYaml(), StringComparison.Ordinal);
        var version = await WriteAsync(texts);
        var first = await new Cleaner().ApplyAsync(version, recipe, _folder.At("a"), Sources());
        var second = await new Cleaner().ApplyAsync(version, CleanRecipe.Parse(recipe.ToYaml()), _folder.At("b"), Sources());
        Assert.InRange(first.SetAside, 1, texts.Length - 1);
        Assert.Equal(first.Version.Sha256, second.Version.Sha256);
    }

    [Fact]
    public void Recipe_FromBeforeThereWereEncoders_MeansTheBuiltInOne() =>
        Assert.Equal(
            "",
            Assert
                .IsType<SemanticDuplicatesStep>(CleanRecipe.Parse("steps:\n- step: semanticDuplicates\n  threshold: 0.9\n").Steps[0])
                .Model
        );

    private async Task<CleanReport> CleanAsync(CleanStep step, params string[] prompts) =>
        await new Cleaner().ApplyAsync(await WriteAsync(prompts), new CleanRecipe { Steps = [step] }, _folder.At("out"), Sources());

    private async Task<string> WriteAsync(params string[] prompts) =>
        (await _folder.WriteAsync(prompts.Select((p, i) => CanonicalRow.Create(Generated.Id(i), i + 1, null, p, "yes")))).Path;

    private CleanSources Sources() =>
        new()
        {
            Encoders = new Dictionary<string, TextEncoding> { [Model] = EncodeAsync },
            NewFile = () => _folder.At("work-" + Guid.NewGuid().ToString("N")),
        };

    private void AssertNothingIsLeft() => Assert.Empty(Directory.GetFiles(_folder.Root, "work-*"));

    private async Task<TextVectors> EncodeAsync(
        string texts,
        string vectors,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        string[] given =
        [
            .. (await File.ReadAllLinesAsync(texts, cancellationToken)).Select(line => JsonSerializer.Deserialize<string>(line)!),
        ];
        _given.Enqueue(given);
        File.Delete(texts);
        await File.WriteAllBytesAsync(
            vectors,
            [.. given.SelectMany(text => Enumerable.Range('a', 26).Select(letter => (byte)(10 * text.Count(c => c == letter))))],
            cancellationToken
        );
        return new TextVectors(given.Length, 26, _truncated, 8);
    }
}
