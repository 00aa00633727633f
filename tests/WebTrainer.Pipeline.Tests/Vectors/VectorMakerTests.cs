using System.Runtime.InteropServices;
using WebTrainer.Embedding;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Tests.Support;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Tests.Vectors;

/// <summary>Vectors of versions: made once for each text, kept in a file, taken over by later versions.</summary>
public sealed class VectorMakerTests : IDisposable
{
    private const int Width = 20;
    private static readonly VectorSource s_builtIn = new(VectorSource.BuiltIn, "", null);
    private static readonly VectorSource s_model = new("some-encoder", "7 1", null);
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _encoded = [];
    private int _files;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BuiltIn_EachTextOnce_AndRowsOfOneTextAreAlike_RowsWithoutWordsLikeNothing()
    {
        var version = await VersionAsync("where is my card", "the weather is fine", "where is my card", "?!", "where is the card");
        var (vectors, report) = await MakeAsync(version, s_builtIn, null);
        Assert.Equal(new VectorReport(5, 3, 0, 0), report);
        Assert.Equal((5, 3, TextEmbedder.Dimensions), (vectors.Rows, vectors.Texts, vectors.Dimensions));
        var near = new NearestRows(vectors).Of(0, 4);
        Assert.Equal([2, 4], near.Take(2).Select(n => n.Position));
        Assert.Equal(1, near[0].Likeness, 1e-5);
        Assert.Equal(0, near.Single(n => n.Position == 3).Likeness);
    }

    [Fact]
    public async Task BuiltIn_NextVersion_EmbedsOnlyNewTexts_AsTheEarlierOneWouldHave()
    {
        var texts = Enumerable.Range(0, 20).Select(i => $"question {i} about cards and banks").ToArray();
        var (first, _) = await MakeAsync(await VersionAsync(texts), s_builtIn, null);
        var (second, report) = await MakeAsync(await VersionAsync([.. texts.Skip(3), "a new question about transfers"]), s_builtIn, first);
        Assert.Equal((17, 1), (report.Reused, report.Embedded));
        Assert.True(second.Of(0).SequenceEqual(first.Of(3)));
        var alone = new sbyte[TextEmbedder.Dimensions];
        first.Source.Learned!.Embed("a new question about transfers", alone);
        Assert.True(second.Of(17).SequenceEqual(alone));
    }

    [Fact]
    public async Task BuiltIn_WhereMostTextsAreNew_LearnsAnew()
    {
        var (first, _) = await MakeAsync(await VersionAsync("one text about cards"), s_builtIn, null);
        var (second, report) = await MakeAsync(
            await VersionAsync("one text about cards", "cards are blue", "all cards are blue", "so it goes"),
            s_builtIn,
            first
        );
        Assert.Equal(0, report.Reused);
        Assert.False(second.Of(0).SequenceEqual(first.Of(0)));
    }

    [Fact]
    public async Task Encoder_GetsEachNewTextOnce_AndItsVectorsAreFilledUp()
    {
        var (first, _) = await MakeAsync(await VersionAsync("alpha", "beta", "alpha", " "), s_model, null);
        Assert.Equal(["alpha", "beta"], _encoded);
        Assert.Equal(32, first.Dimensions);
        Assert.Equal((sbyte)'a', first.Of(2)[0]);
        Assert.Equal(0, first.Of(2)[Width]);
        Assert.Equal(0, first.InverseNorm(3));

        _encoded.Clear();
        var (second, report) = await MakeAsync(await VersionAsync("gamma", "beta"), s_model, first);
        Assert.Equal(["gamma"], _encoded);
        Assert.Equal((1, 1), (report.Reused, report.Embedded));
        Assert.True(second.Of(1).SequenceEqual(first.Of(1)));

        _encoded.Clear();
        await MakeAsync(await VersionAsync("beta", "alpha"), s_model, first);
        Assert.Empty(_encoded);
        await MakeAsync(await VersionAsync("beta"), s_model with { Weights = "8 1" }, first);
        Assert.Equal(["beta"], _encoded); // other weights: nothing is taken over
    }

    [Fact]
    public async Task File_GivesTheSameVectorsAgain_AndADamagedOneIsRefused()
    {
        foreach (var source in (VectorSource[])[s_builtIn, s_model])
        {
            var (made, _) = await MakeAsync(await VersionAsync("my card is lost", "a transfer failed", "…"), source, null);
            var path = _folder.At($"{source.Encoder}.vectors");
            VectorFile.Write(made, path, _folder.At("scratch"));
            Assert.False(File.Exists(_folder.At("scratch")));
            Assert.Equal(new VectorHead(source, made.Dimensions, 2, 3), VectorFile.Head(path));
            var read = VectorFile.Read(path)!;
            for (var row = 0; row < 3; row++)
            {
                Assert.True(read.Of(row).SequenceEqual(made.Of(row)));
            }

            if (source == s_builtIn)
            {
                Assert.Equal(0, new NearestRows(read).To("my card is gone", 1)[0].Position);
            }

            File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
            Assert.Contains("again", Assert.Throws<InvalidDataException>(() => VectorFile.Read(path)).Message, StringComparison.Ordinal);
        }

        File.WriteAllText(_folder.At("other"), "not a file of vectors");
        Assert.Null(VectorFile.Read(_folder.At("other")));
        Assert.Null(VectorFile.Read(_folder.At("none")));
    }

    private Task<(KeptVectors Vectors, VectorReport Report)> MakeAsync(string version, VectorSource source, KeptVectors? earlier) =>
        new VectorMaker(new ImportLimits(), () => _folder.At($"new-{_files++}")).MakeAsync(
            version,
            source,
            source.Encoder == VectorSource.BuiltIn ? null : EncodeAsync,
            earlier,
            null,
            Ct
        );

    /// <summary>A vector of a text is its characters.</summary>
    private async Task<TextVectors> EncodeAsync(
        string texts,
        string vectors,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var read = (await File.ReadAllLinesAsync(texts, cancellationToken)).Select(line => line.Trim('"')).ToArray();
        _encoded.AddRange(read);
        await File.WriteAllBytesAsync(
            vectors,
            [.. read.SelectMany(t => MemoryMarshal.AsBytes(t.PadRight(Width, '\0').Select(c => (sbyte)c).ToArray().AsSpan()).ToArray())],
            cancellationToken
        );
        return new TextVectors(read.Length, Width, 0, 8);
    }

    private async Task<string> VersionAsync(params string[] prompts)
    {
        var rows = prompts.Select((prompt, i) => CanonicalRow.Create(Generated.Id(i), i + 1, null, prompt, "x", "x"));
        return (
            await new VersionWriter().WriteAsync(rows.ToAsyncEnumerable(), _folder.At($"version-{_files++}"), cancellationToken: Ct)
        ).Path;
    }
}
