using System.Text;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

/// <summary>What is guessed of a file, and what a person says of it instead.</summary>
public sealed class ReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1252, "Où est ma carte ? Élève à l'école", TextEncoding.Windows1252)]
    [InlineData(1252, "Größe und Straße – „süß“", TextEncoding.Windows1252)]
    [InlineData(1252, "¿Dónde está mi tarjeta? Mañana", TextEncoding.Windows1252)]
    [InlineData(932, "カードはどこにありますか。紛失しました", TextEncoding.ShiftJis)]
    public async Task OldEncodings_WhoseSignsComeLate_AreToldByTheLinesThatAreNoUtf8(int page, string text, TextEncoding expected)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(page)!;
        var plain = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"request number {i},x\n"));
        var file = _folder.Write("rows.csv", encoding.GetBytes($"text,label\n{plain}\"{text}\",y\n"));
        var inspection = await new FileInspector().InspectAsync(file);
        Assert.Equal((expected, 0), (inspection.Encoding, inspection.InvalidLines));
        Assert.Equal(text, (await (await _folder.ImportAsync(file)).Version.RowsAsync())[^1].Prompt);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    public async Task Lines_ThatEndWithCrAlone_AreLines(string encoding)
    {
        var file = _folder.Write("rows.csv", Encoding.GetEncoding(encoding).GetBytes("text,label\rWhere is it?,card\rSend it,transfer\r"));
        Assert.Equal([("Where is it?", "card"), ("Send it", "transfer")], await RowsAsync(file, FileReading.ByLooking));
    }

    [Fact]
    public async Task Utf8_WithABrokenLine_StaysUtf8AndLosesThatLine()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("text,label\nÉlève,x\n"), .. Encoding.Latin1.GetBytes("déjà,y\n")];
        var inspection = await new FileInspector().InspectAsync(_folder.Write("rows.csv", bytes));
        Assert.Equal((TextEncoding.Utf8, 1L, 3L), (inspection.Encoding, inspection.InvalidLines, inspection.FirstInvalidLine!.Value));
    }

    [Fact]
    public async Task Encoding_ThatAPersonChose_IsTheOneThatIsRead()
    {
        var file = _folder.Write(
            "rows.csv",
            CodePagesEncodingProvider.Instance.GetEncoding(1251)!.GetBytes("text,label\nГде моя карта?,карта\n")
        );
        Assert.Equal([("Где моя карта?", "карта")], await RowsAsync(file, new FileReading { Encoding = TextEncoding.Windows1251 }));
    }

    [Fact]
    public async Task Header_ThatAPersonDenies_IsARow()
    {
        var file = _folder.Write("rows.csv", "text,label\nWhere is it?,card\n");
        Assert.Equal(2, (await RowsAsync(file, new FileReading { HasHeader = false })).Count);
    }

    [Fact]
    public async Task Header_ThatAPersonSaysThereIs_NamesTheColumns()
    {
        var file = _folder.Write("rows.csv", "What the customer wrote to us in the morning of that day;7\nWhere is it?;8\n");
        var inspection = await new FileInspector().InspectAsync(file, new FileReading { HasHeader = true });
        Assert.Equal(["What the customer wrote to us in the morning of that day", "7"], inspection.Csv!.Columns);
    }

    [Fact]
    public async Task Delimiter_ThatAPersonChose_IsTheOnlyOne()
    {
        var file = _folder.Write("rows.csv", "text~label\nYes, of course, now~a\nNo, never, not~b\n");
        Assert.Equal([("Yes, of course, now", "a"), ("No, never, not", "b")], await RowsAsync(file, new FileReading { Delimiter = '~' }));
    }

    [Theory]
    [InlineData("Requests of 2024\n\ntext,label\nWhere is my card, if I may ask?,card\nSend it,transfer\nStop it,card\n", null)]
    [InlineData("Requests,2024\nof,all\ntext,label\nWhere is my card?,card\n", 3)]
    public async Task Table_BelowTitles_IsFoundOrSaid(string text, int? firstLine)
    {
        var file = _folder.Write("rows.csv", text);
        var inspection = await new FileInspector().InspectAsync(file, new FileReading { FirstLine = firstLine });
        Assert.Equal((3L, true), (inspection.Csv!.FirstLine, inspection.Csv.HasHeader));
        Assert.Equal(["text", "label"], inspection.Csv.Columns);
    }

    [Fact]
    public async Task Rows_WhoseSecondFieldIsOftenEmpty_AreNoTitles()
    {
        var file = _folder.Write("rows.csv", "Where is my card now?,\nWhere is it then?,card\nStop the card at once,\nAnd stop it,card\n");
        Assert.Equal(1, (await new FileInspector().InspectAsync(file)).Csv!.FirstLine);
    }

    [Fact]
    public async Task Json_HasNoHeaderToChoose_AndThatIsSaid()
    {
        var file = _folder.Write("rows.jsonl", "{\"prompt\":\"a\",\"completion\":\"b\"}\n");
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            new FileInspector().InspectAsync(file, new FileReading { HasHeader = true })
        );
        Assert.Contains("holds JSON", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('a', null)]
    [InlineData('"', null)]
    [InlineData(null, 0)]
    public void Readings_ThatNoFileHas_AreRefused(char? delimiter, int? firstLine) =>
        Assert.Throws<DataProblemException>(() => new FileReading { Delimiter = delimiter, FirstLine = firstLine }.Check());

    [Fact]
    public async Task RawRows_AreTheFirstLinesAsTheyStand_TitlesToo()
    {
        var file = _folder.Write("rows.csv", "Requests\n\ntext,label\n\"a, b\",x\n");
        var raw = await RawRows.ReadAsync(file, await new FileInspector().InspectAsync(file), 4, TestContext.Current.CancellationToken);
        Assert.Equal(["1 Requests", "2 ", "3 text|label", "4 a, b|x"], raw.Select(row => $"{row.Line} {string.Join('|', row.Cells)}"));
    }

    private async Task<List<(string, string)>> RowsAsync(SourceFile file, FileReading reading)
    {
        var inspection = await new FileInspector().InspectAsync(file, reading);
        var mapping = new ColumnMapping
        {
            Shape = DataShape.Label,
            Text = inspection.Csv!.Columns[0],
            Label = inspection.Csv.Columns[1],
        };
        var report = await new DatasetImporter().ImportAsync(file, inspection, mapping, _folder.At("version.parquet"));
        return [.. (await report.Version.RowsAsync()).Select(row => (row.Prompt, row.Label!))];
    }
}
