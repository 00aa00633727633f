using System.IO.Compression;
using System.Text;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Tests.Shared;
using static WebTrainer.Portal.Tests.Datasets.HostileArchives;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>
/// Hostile files by the way that files of people take: uploaded, looked at, imported. Each is refused in a sentence, in bounded memory, and
/// leaves nothing.
/// </summary>
public sealed class ThreatTests : DatasetsTest
{
    private const long MostGrowth = 300L << 20;

    /// <summary>A pickle that would run a program.</summary>
    private static readonly byte[] s_pickle = Convert.FromHexString(
        "80049520000000000000008c05706f736978948c0673797374656d9493948c0474727565948594522e"
    );

    [Theory]
    [InlineData("weights.bin")]
    [InlineData("weights.pt")]
    [InlineData("weights.ckpt")]
    [InlineData("rows.pkl")]
    [InlineData("model.safetensors")]
    [InlineData("rows.jsonl")]
    [InlineData("rows.csv")]
    [InlineData("rows.parquet")]
    [InlineData("rows.xlsx")]
    public async Task Pickles_UnderAnyName_AreRefused(string name) => await RefusedAsync(name, s_pickle);

    [Theory]
    [InlineData("data.pkl")]
    [InlineData("rows.csv")]
    [InlineData("rows.txt")]
    public async Task Pickles_InAnArchive_AreRefused(string inside) => await RefusedAsync("weights.pt", Zip((inside, s_pickle)));

    [Fact]
    public Task ALineOfHalfAGigabyte_IsRefusedByLine_InBoundedMemory() => LongLineAsync(1L << 29);

    [Fact]
    [Trait("Category", "Long")]
    public Task ALineOfAGigabyte_IsRefusedByLine_InBoundedMemory() => LongLineAsync(1L << 30);

    private async Task LongLineAsync(long bytes)
    {
        await using var line = new RepeatedStream("{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"prompt\":\""u8.ToArray(), (byte)'x', bytes);
        var (problem, growth) = await MeasureAsync(async () =>
        {
            Portal.Get<Microsoft.Extensions.Options.IOptions<Hosting.PortalOptions>>().Value.MaxUploadBytes = 2 * bytes;
            var upload = await Uploads.ReceiveAsync(Lead, Project, "long.jsonl", line.Length, line, Ct);
            return await Assert.ThrowsAsync<DataProblemException>(() => ImportAsync(upload.Id));
        });
        Assert.Contains("2", problem.Message, StringComparison.Ordinal);
        Assert.InRange(growth, long.MinValue, MostGrowth);
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task TenMillionEmptyLines_AreRefused_InBoundedMemory()
    {
        await using var lines = new RepeatedStream([], (byte)'\n', 10_000_000);
        var (_, growth) = await MeasureAsync(async () =>
        {
            var upload = await Uploads.ReceiveAsync(Lead, Project, "empty.jsonl", lines.Length, lines, Ct);
            return await Assert.ThrowsAsync<DataProblemException>(() => ImportAsync(upload.Id));
        });
        Assert.InRange(growth, long.MinValue, MostGrowth);
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task BrokenText_CostsItsLines_WhichAreNamed_AndTheRestIsImported()
    {
        byte[] file =
        [
            0xEF,
            0xBB,
            0xBF,
            .. "{\"prompt\":\"good\",\"completion\":\"a\"}\n"u8,
            .. "{\"prompt\":\"bad \xff\",\"completion\":\"a\"}\n"u8[..15],
            0xFF,
            0xFE,
            .. "\",\"completion\":\"a\"}\n"u8,
            .. "{\"prompt\":\"nul \\u0000\",\"completion\":\"a\"}\n"u8,
            .. "{\"prompt\":\"half \\ud83d\",\"completion\":\"a\"}\n"u8,
            .. "{\"prompt\":\"turned \\u202Etxt.exe\\u2066\",\"completion\":\"a\"}\n"u8,
        ];
        var version = await ImportAsync((await UploadAsync("broken.jsonl", file)).Id);
        Assert.Equal([2L, 3L, 4L], version.Report.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("line").GetInt64()));
        Assert.Equal(
            ["good", "turned \u202Etxt.exe\u2066"],
            (await DataRows.RowsAsync(Lead, Project, version.DatasetId, 1, new RowQuery(), Ct)).Rows.Select(r => r.Prompt)
        );
    }

    [Fact]
    public Task ABombOfHalfAGigabyte_IsRefused_InBoundedMemory() => BombAsync(1L << 29);

    [Fact]
    [Trait("Category", "Long")]
    public Task ABombOfTwoGigabytes_IsRefused_InBoundedMemory() => BombAsync(2L << 30);

    private async Task BombAsync(long bytes)
    {
        using var packed = new MemoryStream();
        await using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        await using (var entry = await archive.CreateEntry("rows.csv", CompressionLevel.Fastest).OpenAsync(Ct))
        await using (var zeros = new RepeatedStream([], (byte)'0', bytes))
        {
            await zeros.CopyToAsync(entry, 1 << 20, Ct);
        }

        var (_, growth) = await MeasureAsync(() => RefusedAsync("bomb.zip", packed.ToArray()));
        Assert.InRange(growth, long.MinValue, MostGrowth);
    }

    [Fact]
    public async Task ABombThatLiesAboutItsSize_IsRefused()
    {
        var bytes = Zip(("rows.csv", new byte[100 << 20]));
        // Size before packing, in the local header and in the archive's list: it says ten bytes.
        foreach (var (signature, at) in new[] { (0x04034B50u, 22), (0x02014B50u, 24) })
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(Find(bytes, signature) + at), 10);
        }

        await RefusedAsync("bomb.zip", bytes);
    }

    [Fact]
    public async Task AnArchiveInAnArchive_IsRefused() =>
        await RefusedAsync("nested.zip", Zip(("inner.zip", Zip(("inner.zip", Zip(("rows.csv", "text,label\na,b\n"u8.ToArray())))))));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AMillionEntries_AreRefusedByTheirNumber_InBoundedMemory(bool honest)
    {
        var bytes = ManyEntries(1_000_000, honest);
        var (problem, growth) = await MeasureAsync(() => RefusedAsync("many.zip", bytes));
        Assert.Contains("at most 10,000", problem, StringComparison.Ordinal);
        Assert.InRange(growth, long.MinValue, MostGrowth);
    }

    [Theory]
    [InlineData("../../../escaped.csv")]
    [InlineData("/tmp/escaped.csv")]
    [InlineData("..\\..\\escaped.csv")]
    [InlineData("C:\\escaped.csv")]
    [InlineData("CON")]
    [InlineData("aux.csv")]
    public async Task PathsInAnArchive_LeadNowhere(string path)
    {
        var outside = Directory
            .GetFileSystemEntries(Path.GetDirectoryName(Folder.Root)!)
            .Where(f => f.Contains("escaped", StringComparison.Ordinal))
            .ToList();
        var upload = await UploadAsync("rows.zip", Zip((path, Encoding.UTF8.GetBytes(TwoLabels))));
        var version = await ImportAsync(upload.Id);
        Assert.Equal(4, version.Rows);
        Assert.Equal(
            outside,
            Directory.GetFileSystemEntries(Path.GetDirectoryName(Folder.Root)!).Where(f => f.Contains("escaped", StringComparison.Ordinal))
        );
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Folder.Root, "*", SearchOption.AllDirectories),
            f => f.Contains("escaped", StringComparison.Ordinal) || f.EndsWith("CON", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task ALinkInAnArchive_IsTextAndNeverFollowed()
    {
        using var packed = new MemoryStream();
        await using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            var entry = archive.CreateEntry("rows.csv");
            entry.ExternalAttributes = unchecked((int)0xA1FF0000); // a symbolic link of Unix
            await using var target = await entry.OpenAsync(Ct);
            await target.WriteAsync("/etc/passwd"u8.ToArray(), Ct);
        }

        var upload = await UploadAsync("link.zip", packed.ToArray());
        try
        {
            var version = await ImportAsync(upload.Id);
            Assert.DoesNotContain(
                (await DataRows.RowsAsync(Lead, Project, version.DatasetId, 1, new RowQuery(), Ct)).Rows,
                r => r.Prompt.Contains("root:", StringComparison.Ordinal)
            );
        }
        catch (DataProblemException problem)
        {
            Assert.DoesNotContain("root:", problem.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("../../../../etc/cron.d/evil")]
    [InlineData("a\"; filename=\"evil.html")]
    [InlineData("con.html\u202Elmth")]
    [InlineData("..%2f..%2fx")]
    public async Task NamesOfDatasets_AreNoPaths(string name)
    {
        var upload = await UploadAsync("rows.csv", TwoLabels);
        var version = await DataImports.ImportAsync(Lead, Project, upload.Id, name, mapping: null, Ct);
        Assert.Equal(name, version.DatasetName);
        Assert.All(
            Directory.EnumerateFiles(Folder.Files, "*", SearchOption.AllDirectories),
            f => Assert.True(Path.GetFileName(f).Split('.')[0].All(char.IsAsciiHexDigitLower), f)
        );
    }

    [Theory]
    [InlineData("' OR '1'='1")]
    [InlineData("'; DROP TABLE rows; --")]
    [InlineData("\" UNION SELECT * FROM read_csv('/etc/passwd') --")]
    [InlineData("$text")]
    [InlineData("x') OR 1=1) --")]
    [InlineData("%\\_")]
    public async Task SqlInWhatIsTyped_IsText(string typed)
    {
        var version = await ImportAsync("Rows", TwoLabels);
        foreach (
            var query in new RowQuery[]
            {
                new() { Contains = typed },
                new() { Label = typed },
                new() { Words = WordQuery.Parse(typed) ?? WordQuery.Parse("zzz") },
            }
        )
        {
            Assert.Equal(0, (await DataRows.RowsAsync(Lead, Project, version.DatasetId, 1, query, Ct)).Total);
        }

        await DataSearch.SearchAsync(Lead, Project, version.DatasetId, 1, WordQuery.Parse("card")!, new RowQuery(), Ct);
        await DataSearch.WhenIndexedAsync(Lead, Project, version.DatasetId, 1, Ct);
        var looked = WordQuery.Parse(typed);
        if (looked is not null)
        {
            Assert.Equal(
                0,
                (await DataSearch.SearchAsync(Lead, Project, version.DatasetId, 1, looked, new RowQuery { Label = typed }, Ct)).Page.Total
            );
        }

        Assert.Equal(4, (await DataRows.RowsAsync(Lead, Project, version.DatasetId, 1, new RowQuery(), Ct)).Total);
    }

    private async Task<VersionView> ImportAsync(Guid upload) =>
        await DataImports.ImportAsync(Lead, Project, upload, "Threat", mapping: null, Ct);

    /// <returns>The sentence.</returns>
    private async Task<string> RefusedAsync(string name, byte[] bytes)
    {
        var upload = await UploadAsync(name, bytes);
        var problem = await Assert.ThrowsAsync<DataProblemException>(() => ImportAsync(upload.Id));
        Assert.DoesNotContain("Exception", problem.Message, StringComparison.Ordinal);
        await NothingIsLeftAsync();
        return problem.Message;
    }

    private async Task NothingIsLeftAsync()
    {
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
        Assert.DoesNotContain(await Data.ListAsync(Lead, Project, Ct), d => d.Versions.Count > 0);
    }

    /// <summary>By how much the process grew at most while it was at work.</summary>
    private static async Task<(T Result, long Growth)> MeasureAsync<T>(Func<Task<T>> work)
    {
        GC.Collect();
        var before = Environment.WorkingSet;
        var most = before;
        await using var watch = new Timer(_ => most = Math.Max(most, Environment.WorkingSet), null, 0, 20);
        var result = await work();
        return (result, Math.Max(most, Environment.WorkingSet) - before);
    }

    private static int Find(byte[] bytes, uint signature) => bytes.AsSpan().IndexOf(BitConverter.GetBytes(signature));
}
