using System.IO.Compression;
using System.Text;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

/// <summary>Workbooks as different programs write them, put together by hand.</summary>
public sealed class WorkbookTests : IDisposable
{
    private const string Names = """<row r="1"><c t="inlineStr"><is><t>text</t></is></c><c t="inlineStr"><is><t>label</t></is></c></row>""";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Cells_WithoutReferences_StandBehindThoseBefore()
    {
        var rows = await RowsAsync(
            Book(("Data", $"{Names}<row><c t=\"inlineStr\"><is><t>Where is it?</t></is></c><c t=\"str\"><v>card</v></c></row>"))
        );
        Assert.Equal([("Where is it?", "card")], rows.Select(row => (row.Prompt, row.Label!)));
    }

    [Fact]
    public async Task Cells_ThatAreLeftOut_LeaveTheirColumnsEmpty()
    {
        var lines = await LinesAsync(
            Book(("Data", """<row r="2"><c r="A2"><v>1</v></c><c r="C2"><v>3</v></c></row><row r="4"><c r="B4"><v>5</v></c></row>"""))
        );
        Assert.Equal(["", "\"1\",,\"3\"", "", ",\"5\","], lines);
    }

    /// <summary>As the styles of a cell say; 39448.5 and 37986.5 are the same noon, counted from 1900 and from 1904.</summary>
    [Theory]
    [InlineData("14", "45413", false, "2024-05-01")]
    [InlineData("22", "45413.25", false, "2024-05-01 06:00:00")]
    [InlineData("22", "39448.5", false, "2008-01-01 12:00:00")]
    [InlineData("22", "37986.5", true, "2008-01-01 12:00:00")]
    [InlineData("14", "1", false, "1900-01-01")]
    [InlineData("14", "61", false, "1900-03-01")]
    [InlineData("20", "0.375", false, "09:00:00")]
    [InlineData("21", "0.38194444444444442", false, "09:10:00")]
    [InlineData("46", "1.5", false, "36:00:00")]
    [InlineData("2", "4.7000000000000002", false, "4.7")]
    [InlineData("0", "0.1", false, "0.1")]
    [InlineData("164", "45413", false, "2024-05-01")]
    [InlineData("165", "12", false, "12")]
    public async Task Numbers_AreWhatTheirStyleSays(string format, string value, bool from1904, string expected)
    {
        var styles =
            $"""<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-407]d. mmmm yyyy;@"/><numFmt numFmtId="165" formatCode="#,##0.00 &quot;days&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="{format}"/></cellXfs></styleSheet>""";
        var lines = await LinesAsync(
            Book([("Data", $"""<row r="1"><c r="A1" s="1"><v>{value}</v></c></row>""")], styles: styles, from1904: from1904)
        );
        Assert.Equal($"\"{expected}\"", Assert.Single(lines));
    }

    [Fact]
    public async Task Texts_InPieces_AreOneText_WithoutTheirReadings()
    {
        const string Shared =
            """<sst><si><r><t>My </t></r><r><rPr><b/></rPr><t xml:space="preserve">card </t></r></si><si><t>東京</t><rPh sb="0" eb="2"><t>とうきょう</t></rPh></si><si><t>a_x000D_b</t></si></sst>""";
        var lines = await LinesAsync(
            Book(
                [("Data", """<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>""")],
                shared: Shared
            )
        );
        Assert.Equal("\"My card \",\"東京\",\"true\",\"#N/A\"", Assert.Single(lines));
    }

    [Fact]
    public async Task Table_BelowATitle_IsFoundThere()
    {
        var rows = await RowsAsync(
            Book(
                (
                    "Data",
                    """
                    <row r="1"><c t="inlineStr"><is><t>Requests of 2024</t></is></c></row>
                    <row r="3"><c t="inlineStr"><is><t>text</t></is></c><c t="inlineStr"><is><t>label</t></is></c></row>
                    <row r="4"><c t="inlineStr"><is><t>Where is my card, please?</t></is></c><c t="inlineStr"><is><t>card</t></is></c></row>
                    """
                )
            )
        );
        Assert.Equal([("Where is my card, please?", "card", 4L)], rows.Select(row => (row.Prompt, row.Label!, row.Line)));
    }

    [Fact]
    public async Task Columns_OfTheSameNameOrNone_AreAllKept()
    {
        var file = await ConvertAsync(
            Book(
                (
                    "Data",
                    """
                    <row><c t="inlineStr"><is><t>text</t></is></c><c t="inlineStr"><is><t>text</t></is></c><c/><c t="inlineStr"><is><t>label</t></is></c></row>
                    <row><c t="inlineStr"><is><t>one</t></is></c><c t="inlineStr"><is><t>two</t></is></c><c><v>3</v></c><c t="inlineStr"><is><t>x</t></is></c></row>
                    """
                )
            )
        );
        Assert.Equal(["text", "text (2)", "column3", "label"], (await new FileInspector().InspectAsync(file)).Csv!.Columns);
    }

    [Fact]
    public async Task Sheets_AreNamed_HiddenOnesToo_AndAnyCanBeChosen()
    {
        var book = Book(
            ("Empty", ""),
            ("Data", Names + """<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>x</t></is></c></row>"""),
            ("Notes", """<row><c t="inlineStr"><is><t>note</t></is></c></row>""")
        );
        Assert.Equal(
            [new("Empty", false), new("Data", false), new SheetName("Notes", true)],
            await FileConverter.SheetsAsync(book, TestContext.Current.CancellationToken)
        );
        Assert.Equal("a", Assert.Single(await RowsAsync(book)).Prompt);
        Assert.Equal(["\"note\""], await LinesAsync(book, "Notes"));
        Assert.Contains(
            "'Notes' (hidden)",
            (await Assert.ThrowsAsync<DataProblemException>(() => LinesAsync(book, "Other"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is empty",
            (await Assert.ThrowsAsync<DataProblemException>(() => LinesAsync(book, "Empty"))).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>Some programs name parts by their place from the root, or with the slashes of Windows.</summary>
    [Theory]
    [InlineData("/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml")]
    [InlineData("worksheets/sheet1.xml", "xl\\worksheets\\sheet1.xml")]
    [InlineData("Worksheets/Sheet1.xml", "xl/worksheets/sheet1.xml")]
    public async Task Parts_UnderOtherNames_AreFound(string target, string entry)
    {
        var zip = Zip(
            (
                "xl/workbook.xml",
                """<x:workbook xmlns:x="m" xmlns:r="r"><x:sheets><x:sheet name="S" sheetId="1" r:id="rId9"/></x:sheets></x:workbook>"""
            ),
            ("xl/_rels/workbook.xml.rels", $"<Relationships><Relationship Id=\"rId9\" Target=\"{target}\"/></Relationships>"),
            (entry, """<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>""")
        );
        Assert.Equal("\"7\"", Assert.Single(await LinesAsync(_folder.Write("book.xlsx", zip))));
    }

    [Fact]
    public async Task Encrypted_AndForeignWorkbooks_AreRefusedByWhatTheyAre()
    {
        byte[] container = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[600]];
        var encrypted = await Assert.ThrowsAsync<DataProblemException>(() =>
            new FileInspector().InspectAsync(_folder.Write("book.xlsx", container))
        );
        Assert.Contains("encrypted with a password", encrypted.Message, StringComparison.Ordinal);
        var sheets = await Assert.ThrowsAsync<DataProblemException>(() =>
            ConvertAsync(
                _folder.Write("book.ods", Zip(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<x/>")))
            )
        );
        Assert.Contains("OpenDocument", sheets.Message, StringComparison.Ordinal);
        var binary = await Assert.ThrowsAsync<DataProblemException>(() =>
            ConvertAsync(_folder.Write("book.xlsb", Zip(("xl/workbook.bin", "x"))))
        );
        Assert.Contains("binary workbook", binary.Message, StringComparison.Ordinal);
    }

    private SourceFile Book(params (string Name, string Rows)[] sheets) => Book(sheets, styles: null);

    /// <summary>The last of several sheets is hidden.</summary>
    private SourceFile Book((string Name, string Rows)[] sheets, string? styles = null, string? shared = null, bool from1904 = false)
    {
        var parts = new List<(string, string)>
        {
            (
                "xl/workbook.xml",
                $"<workbook xmlns:r=\"r\"><workbookPr date1904=\"{(from1904 ? 1 : 0)}\"/><sheets>{string.Concat(sheets.Select((s, i) => $"<sheet name=\"{s.Name}\" r:id=\"rId{i + 1}\"{(i > 0 && i == sheets.Length - 1 ? " state=\"hidden\"" : "")}/>"))}</sheets></workbook>"
            ),
            (
                "xl/_rels/workbook.xml.rels",
                $"<Relationships>{string.Concat(sheets.Select((_, i) => $"<Relationship Id=\"rId{i + 1}\" Target=\"worksheets/sheet{i + 1}.xml\"/>"))}</Relationships>"
            ),
        };
        parts.AddRange(
            sheets.Select((s, i) => ($"xl/worksheets/sheet{i + 1}.xml", $"<worksheet><sheetData>{s.Rows}</sheetData></worksheet>"))
        );
        if (styles is not null)
        {
            parts.Add(("xl/styles.xml", styles));
        }

        if (shared is not null)
        {
            parts.Add(("xl/sharedStrings.xml", shared));
        }

        return _folder.Write("book.xlsx", Zip([.. parts]));
    }

    private async Task<SourceFile> ConvertAsync(SourceFile file, string? sheet = null) =>
        await new FileConverter().ConvertAsync(
            file,
            _folder.At(Guid.NewGuid().ToString("N")),
            sheet,
            TestContext.Current.CancellationToken
        );

    private async Task<string[]> LinesAsync(SourceFile file, string? sheet = null) =>
        await File.ReadAllLinesAsync((await ConvertAsync(file, sheet)).Path, TestContext.Current.CancellationToken);

    private async Task<List<CanonicalRow>> RowsAsync(SourceFile file) =>
        await (await _folder.ImportAsync(await ConvertAsync(file))).Version.RowsAsync();

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return packed.ToArray();
    }
}
