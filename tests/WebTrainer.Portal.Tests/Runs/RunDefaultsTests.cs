using System.Text.Json;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>What a run starts from has room for the rows that it learns from.</summary>
public sealed class RunDefaultsTests : IDisposable
{
    private static readonly DatasetFiles s_labels = new() { Labels = ["a", "b"] };
    private readonly string _folder = Directory.CreateTempSubdirectory("defaults").FullName;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(30, 60, 512, 128, 32, 1)] // short rows: as measured on Banking77
    [InlineData(150, 180, 512, 192, 32, 1)]
    [InlineData(300, 330, 512, 384, 16, 2)]
    [InlineData(300, 5_000, 4_096, 960, 8, 4)] // one row far longer than the others
    [InlineData(900, 1_000, 512, 512, 16, 2)] // no more than the model reads
    [InlineData(3_000, 3_100, 4_096, 3_136, 2, 16)]
    [InlineData(300, 330, 0, 384, 16, 2)] // a model that doesn't say
    public void For_Labels_HasRoomForTheRows_AndAsManyToAStep(int p99, int most, int model, int context, int batch, int accumulation)
    {
        var training = RunDefaults.For(s_labels, new RowLengths(p99, most), model).Training;
        Assert.Equal((context, batch, accumulation), (training.ContextTokens, training.MicroBatch, training.Accumulation));
    }

    /// <summary>Changes of embedding and head, where both are one, are merged wrongly by others; only the small base needs them.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void For_Labels_ChangesEmbeddingAndHeadOfTheSmallBaseOnly(bool shipped)
    {
        var method = RunDefaults.For(s_labels, null, 512, shipped: shipped).Method;
        Assert.Equal(shipped ? MethodSpec.Everything : MethodSpec.AllLinear, method.Targets);
        Assert.Equal(shipped, MergeAdvice.Of(method) is not null);
    }

    /// <summary>What a request without targets gets; DoRA changes linear layers only.</summary>
    [Theory]
    [InlineData(TuningMethod.LoRA, true, true, "q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, embed_tokens, lm_head")]
    [InlineData(TuningMethod.LoRA, true, false, "q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj")]
    [InlineData(TuningMethod.DoRA, true, true, "q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj")]
    [InlineData(TuningMethod.LoRA, false, false, "all-linear")]
    public void Targets_ThatNobodyChose_AreThoseThatMergeRightEverywhere_ButOnTheSmallBase(
        TuningMethod kind,
        bool named,
        bool shipped,
        string expected
    )
    {
        var asked = JsonSerializer
            .Deserialize<RunRequest>(
                $$$"""{"datasetVersionId":"{{{Guid.Empty}}}","baseModel":"b","method":{"method":"{{{kind}}}","rank":4}}""",
                ProtocolJson.Document
            )!
            .Method;
        Assert.Equal(4, asked.Rank);
        Assert.Equal(expected, string.Join(", ", RunDefaults.Targets(asked, named, shipped)));
    }

    /// <summary>At the rate that suits 77 labels an encoder that learned spam gave every message the same answer.</summary>
    [Theory]
    [InlineData(2, 4_459, 5e-4, 3)]
    [InlineData(5, 300, 5e-4, 3)]
    [InlineData(6, 300, 2e-3, 0)]
    [InlineData(77, 10_003, 3e-3, 0)]
    public void For_EncoderWithFewLabels_LearnsMoreSlowly_AndEndsWhereNothingIsGained(
        int labels,
        int rows,
        double learningRate,
        int patience
    )
    {
        var data = new DatasetFiles
        {
            Labels = [.. Enumerable.Range(0, labels).Select(i => $"label {i}")],
            Train = new DatasetFile("train.jsonl", "", rows),
        };
        var training = RunDefaults.For(data, null, 512, encoder: true).Training;
        Assert.Equal((learningRate, patience), (training.LearningRate, training.Patience));
    }

    [Fact]
    public void For_RowsThatNobodyMeasured_StartsFromTheUsual() =>
        Assert.Equal(
            (128, 256),
            (
                RunDefaults.For(s_labels, null, 512).Training.ContextTokens,
                RunDefaults.For(new DatasetFiles(), null, 512).Training.ContextTokens
            )
        );

    /// <summary>The shipped base cuts Persian into bytes: the usual 128 tokens would cut nearly every prompt.</summary>
    [Fact]
    public async Task Measure_PersianRowsByAnEnglishTokenizer_GivesAContextThatCutsNone()
    {
        var text = string.Join(' ', Enumerable.Repeat("کارت بانکی من هنوز نرسیده است", 3));
        var rows = Enumerable
            .Range(0, 500)
            .Select(i => new DatasetRow($"{i}", [new("user", $"{text} {i}"), new("assistant", "تحویل کارت")]))
            .ToList();
        var (lengths, tokenizer) = (await MeasureAsync(rows), WebTrainer.Tokenizing.TextTokenizer.Load(Model()));
        var needed = rows.Max(r => r.Messages.Sum(m => tokenizer.Count(m.Content)));
        Assert.True(needed > 128);
        Assert.InRange(RunDefaults.For(s_labels, lengths, 512).Training.ContextTokens, needed, 512);
    }

    [Fact]
    public async Task Measure_ShortEnglishRows_KeepsTheUsualContext()
    {
        var lengths = await MeasureAsync([
            .. Enumerable
                .Range(0, 5_000)
                .Select(i => new DatasetRow($"{i}", [new("user", $"Where is my new card, number {i}?"), new("assistant", "card arrival")])),
        ]);
        Assert.Equal(128, RunDefaults.For(s_labels, lengths, 512).Training.ContextTokens);
    }

    [Fact]
    public async Task Measure_TokenizerThatCantBeRead_IsNone() =>
        Assert.Null(await RowLengths.MeasureAsync(Write([new DatasetRow("1", [new("user", "a"), new("assistant", "b")])]), _folder, Ct));

    private async Task<RowLengths> MeasureAsync(IReadOnlyList<DatasetRow> rows) =>
        await RowLengths.MeasureAsync(Write(rows), Model(), Ct) ?? throw new InvalidOperationException("Nothing was measured.");

    private DatasetFile Write(IReadOnlyList<DatasetRow> rows)
    {
        var path = Path.Combine(_folder, "train.jsonl");
        File.WriteAllLines(path, rows.Select(r => JsonSerializer.Serialize(r, ProtocolJson.Line)));
        return new DatasetFile(path, "", rows.Count);
    }

    private static string Model()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "models", "webtrainer-base-8m");
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
