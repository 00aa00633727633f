using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

public sealed class FileInspectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Inspect_EmptyFile_IsRefused()
    {
        Assert.Equal("'a.jsonl' is empty.", (await RefusalAsync(_folder.Write("a.jsonl", ""))).Message);
    }

    [Fact]
    public async Task Inspect_Zip_SaysWhatToDo()
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create))
        {
            zip.CreateEntry("a.txt");
        }

        var problem = await RefusalAsync(_folder.Write("a.jsonl", memory.ToArray()));

        Assert.Equal("'a.jsonl' is a ZIP archive; unpack it and upload the files in it.", problem.Message);
    }

    [Fact]
    public async Task Inspect_GzipPdfAndBinary_AreRefused()
    {
        Assert.Contains("gzip", (await RefusalAsync(_folder.Write("a.csv", [0x1F, 0x8B, 8, 0]))).Message, StringComparison.Ordinal);
        Assert.Contains("PDF", (await RefusalAsync(_folder.Write("a.csv", "%PDF-1.7\n..."))).Message, StringComparison.Ordinal);
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        noise[0] = 7;
        Assert.Contains("not a text file", (await RefusalAsync(_folder.Write("a.csv", noise))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_Prose_IsNoTable()
    {
        var problem = await RefusalAsync(_folder.Write("a.txt", "Once upon a time\nthere was a queen\nwho had no data.\n"));

        Assert.Contains("no columns in common", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_OneObjectOverManyLines_SaysWhatToDo()
    {
        var problem = await RefusalAsync(_folder.Write("a.json", "{\n  \"1\": {\"prompt\": \"a\"}\n}\n"));

        Assert.Contains("give a list of objects", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_HundredMegabyteLine_IsRefusedByLine()
    {
        var path = _folder.At("long");
        await using (var stream = File.Create(path))
        {
            stream.Write("{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"prompt\":\""u8);
            var megabyte = Enumerable.Repeat((byte)'x', 1024 * 1024).ToArray();
            for (var i = 0; i < 100; i++)
            {
                stream.Write(megabyte);
            }
        }

        var problem = await RefusalAsync(new SourceFile(path, "long.jsonl"));

        Assert.Equal(2, problem.Line);
        Assert.Contains("Line 2 of 'long.jsonl' is longer than 16 MiB", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_MillionEmptyLines_IsRefusedFast()
    {
        var clock = Stopwatch.StartNew();
        var problem = await RefusalAsync(_folder.Write("a.jsonl", new string('\n', 1_000_000)));

        Assert.Equal("'a.jsonl' holds nothing but empty lines.", problem.Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Inspect_MillionEmptyLinesThenRow_ReadsTheRow()
    {
        var file = _folder.Write("a.jsonl", new string('\n', 1_000_000) + "{\"prompt\":\"a\",\"completion\":\"b\"}");
        var report = await _folder.ImportAsync(file);

        Assert.Equal(1_000_001, (await report.Version.RowsAsync()).Single().Line);
    }

    [Fact]
    public async Task Inspect_InvalidUtf8_NamesTheFirstLine()
    {
        byte[] broken = [.. "a,b\nc,d\ne,"u8, 0xC3, 0x28, .. "\nf,g\n"u8];
        var found = await new FileInspector().InspectAsync(_folder.Write("a.csv", broken));

        Assert.Equal((1L, 3L), (found.InvalidLines, found.FirstInvalidLine));
    }

    [Theory]
    [InlineData("utf-8", TextEncoding.Utf8WithBom)]
    [InlineData("utf-16", TextEncoding.Utf16LittleEndian)]
    [InlineData("utf-16BE", TextEncoding.Utf16BigEndian)]
    public async Task Import_WithByteOrderMark_ReadsEveryLetter(string name, TextEncoding expected)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("text,label\nسلام دنیا 🌍,خوب\nبد بود,بد\n")];
        var file = _folder.Write("a.csv", bytes);

        Assert.Equal(expected, (await new FileInspector().InspectAsync(file)).Encoding);
        var rows = await (await _folder.ImportAsync(file)).Version.RowsAsync();
        Assert.Equal([("سلام دنیا 🌍", "خوب"), ("بد بود", "بد")], rows.Select(r => (r.Prompt, r.Label!)));
    }

    [Theory]
    [InlineData("text,label\na b,x\nc,y\n", ',', true)]
    [InlineData("text;label\na, b;x\nc, d, e;y\n", ';', true)]
    [InlineData("ham\tGo on, then\nspam\tWin, now, or never\nham\tOk\n", '\t', false)]
    [InlineData("label|text\nx|a, b\ny|c\n", '|', true)]
    public async Task Inspect_Tables_FindsDelimiterAndHeader(string text, char delimiter, bool header)
    {
        var csv = (await new FileInspector().InspectAsync(_folder.Write("a.csv", text))).Csv!;

        Assert.Equal((delimiter, header), (csv.Delimiter, csv.HasHeader));
    }

    /// <summary>People name columns as they like: not at all, twice, by questions.</summary>
    [Theory]
    [InlineData(",text,label\n0,the card is lost,a\n1,where is it,b\n", "column1|text|label")]
    [InlineData("text,label,,\na b,x,,\nc d,y,,\n", "text|label|column3|column4")]
    [InlineData("text,text,label\na b,c,x\nc d,e,y\n", "text|text (2)|label")]
    [InlineData("Question?,Answer\nWhat is it?,A thing\nWhy?,Because\n", "Question?|Answer")]
    [InlineData(
        "Customer's message,Team\nMy card was stolen yesterday in town,cards\nPlease send me back my money soon,refunds\n",
        "Customer's message|Team"
    )]
    [InlineData(
        "\"On a scale of one to five, how happy are you with what we did for you this year?\",\"What would you like to tell us?\"\n4,Thanks\n5,All good\n",
        "On a scale of one to five, how happy are you with what we did for you this year?|What would you like to tell us?"
    )]
    [InlineData("متن پیام؟,گروه!\nکارت من دیروز در شهر گم شده است,کارت\nلطفا پول من را زودتر پس بدهید,پول\n", "متن پیام؟|گروه!")]
    public async Task Inspect_HeaderAsPeopleWriteIt_NamesTheColumns(string text, string columns)
    {
        var csv = (await new FileInspector().InspectAsync(_folder.Write("a.csv", text))).Csv!;
        Assert.True(csv.HasHeader);
        Assert.Equal(columns, string.Join('|', csv.Columns));
    }

    [Theory]
    [InlineData("My card was stolen yesterday in town,cards\nPlease send me back my money,refunds\nWhere is my card now?,cards\n")]
    [InlineData("Why?,cards\nPlease send me back my money,refunds\nWhere is my card now?,cards\n")]
    [InlineData("1,2\n3,4\n")]
    [InlineData("0,good\n1,bad\n2,good\n")]
    [InlineData("great movie,text\nbad movie,text\n")]
    public async Task Inspect_TableWithoutHeader_LosesNoRow(string text)
    {
        var csv = (await new FileInspector().InspectAsync(_folder.Write("a.csv", text))).Csv!;
        Assert.False(csv.HasHeader);
        Assert.Equal(["column1", "column2"], csv.Columns);
    }

    [Fact]
    public async Task Inspect_Cancelled_Stops()
    {
        var file = _folder.Write("a.jsonl", "{}\n");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new FileInspector().InspectAsync(file, cancellationToken: new CancellationToken(canceled: true))
        );
    }

    private static Task<DataProblemException> RefusalAsync(SourceFile file) =>
        Assert.ThrowsAsync<DataProblemException>(() => new FileInspector().InspectAsync(file));
}
