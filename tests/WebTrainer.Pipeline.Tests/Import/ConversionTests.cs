using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CsCheck;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Pipeline.Tests.Support;
using PageSize = UglyToad.PdfPig.Content.PageSize;

namespace WebTrainer.Pipeline.Tests.Import;

public sealed class ConversionTests : IDisposable
{
    private const string Table = "text,label\nMy card is lost,card\nSend money,transfer\n";
    private static readonly string[] s_heads = ["PK\u0003\u0004", "\u001F\u008B", "%PDF-1.4\n", "PAR1"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Text_OfRows_IsTakenAsItIs()
    {
        foreach (
            var file in new[]
            {
                _folder.Write("a.csv", Table),
                _folder.Write("a.txt", Table),
                _folder.Write("b.txt", "{\"prompt\":\"a\",\"completion\":\"b\"}\n"),
            }
        )
        {
            Assert.Same(file, await ConvertAsync(file));
        }
    }

    [Theory]
    [InlineData("rows.csv.gz", "rows.csv")]
    [InlineData("rows.CSV.GZ", "rows.CSV")]
    public async Task Gzip_IsUnpackedUnderItsName(string name, string inside)
    {
        var converted = await ConvertAsync(_folder.Write(name, Gzip(Table)));
        Assert.Equal((inside, Table), (converted.Name, await File.ReadAllTextAsync(converted.Path, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Zip_OfOneTable_GivesItsRows()
    {
        var converted = await ConvertAsync(
            _folder.Write("a.zip", Zip(("folder/", ""), ("__MACOSX/._rows.csv", "x"), ("folder/rows.csv", Table)))
        );
        var report = await _folder.ImportAsync(converted);
        Assert.Equal(["card", "transfer"], (await report.Version.RowsAsync()).Select(r => r.Label!));
    }

    [Fact]
    public async Task Zip_OfTexts_GivesPiecesWithTheirFiles()
    {
        var chunks = await ChunksAsync(_folder.Write("a.zip", Zip(("one.md", "# Cards\n\nLost cards."), ("b/two.txt", "Money."))));
        Assert.Equal(
            [("Lost cards.", "Cards", "one.md"), ("Money.", "", "b/two.txt")],
            chunks.Select(c => (c.Text, c.Heading, c.Document))
        );
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/cron.d/x.csv")]
    [InlineData("..\\..\\x.csv")]
    public async Task Zip_WithAPathThatLeadsOut_WritesOnlyTheTarget(string path)
    {
        var file = _folder.Write("a.zip", Zip((path, Table)));
        var before = Directory.GetFileSystemEntries(_folder.Root).Length;
        await ConvertAsync(file);
        Assert.Equal(before + 1, Directory.GetFileSystemEntries(_folder.Root).Length);
    }

    [Theory]
    [InlineData("gz")]
    [InlineData("zip")]
    [InlineData("xlsx")]
    public async Task Bomb_IsRefusedAndLeavesNothing(string kind)
    {
        var zeros = new string('0', 80 * 1024 * 1024);
        var bytes = kind switch
        {
            "gz" => Gzip(zeros),
            "zip" => Zip(("rows.csv", zeros)),
            _ => Zip(("xl/workbook.xml", "<workbook/>"), ("xl/worksheets/sheet1.xml", zeros)),
        };
        await RefusedAsync(_folder.Write("bomb." + kind, bytes), "unpacks to far more");
    }

    [Fact]
    public async Task Archive_OfSeveralTables_IsOneSetOfRows_ThatSayFromWhichFileTheyCame()
    {
        var file = _folder.Write(
            "set.zip",
            Zip(
                ("a.csv", "question,answer\nq1,a1\n"),
                ("deep/b.jsonl", "{\"question\":\"q2\",\"answer\":\"a2\"}\nbroken\n"),
                ("c.json", "[{\"question\":\"q3\",\"answer\":\"a3\"}]")
            )
        );
        var converted = await new FileConverter().ConvertAsync(file, _folder.At("converted"), TestContext.Current.CancellationToken);
        var report = await _folder.ImportAsync(converted);
        var rows = await report.Version.RowsAsync();
        Assert.Equal(["q1 a.csv", "q2 b.jsonl", "q3 c.json"], rows.Select(r => $"{r.Prompt} {r.Extra["file"]}"));
        Assert.Equal(1, report.ProblemCount);
        Assert.False(Directory.Exists(_folder.At("converted.tmp")));
    }

    [Fact]
    public async Task Archives_ThatAreNoSetOfRows_AreRefusedInASentence()
    {
        await RefusedAsync(_folder.Write("a.zip", Zip(("b.zip", "x"))), "another packed file");
        await RefusedAsync(_folder.Write("a.zip", Zip(("empty/", ""))), "without a file");
        await RefusedAsync(_folder.Write("a.zip", Zip([.. Enumerable.Range(0, 10_001).Select(i => ($"{i}.txt", ""))])), "at most 10,000");
        await RefusedAsync(_folder.Write("a.csv.gz", Gzip(Table)[..30]), "unpack");
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Broken_PackedFilesAndDocuments_AreRefusedNotFailed() =>
        await Gen.Select(Gen.Int[0, s_heads.Length - 1], Gen.Byte.Array[0, 200])
            .SampleAsync(
                async (head, body) =>
                {
                    byte[] bytes = [.. Encoding.Latin1.GetBytes(s_heads[head]), .. body];
                    var file = _folder.Write("x.bin", bytes);
                    try
                    {
                        await ConvertAsync(file);
                    }
                    catch (DataProblemException e)
                    {
                        Assert.Contains("x.bin", e.Message, StringComparison.Ordinal);
                    }
                },
                iter: 60,
                threads: 1
            );

    [Fact]
    public async Task Parquet_GivesItsRows()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(100, 3));
        var converted = await ConvertAsync(new SourceFile(version.Path, "rows.parquet"));
        var lines = await File.ReadAllLinesAsync(converted.Path, TestContext.Current.CancellationToken);
        Assert.Equal(100, lines.Length);
        Assert.Equal("label0", JsonDocument.Parse(lines[0]).RootElement.GetProperty("label").GetString());
    }

    [Fact]
    public async Task Pdf_GivesPiecesThatLeadBackToTheirPages()
    {
        var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        foreach (var text in new[] { "Cards are sent by mail.", "Money arrives in two days." })
        {
            builder.AddPage(PageSize.A4).AddText(text, 12, new PdfPoint(50, 700), font);
        }

        var chunks = await ChunksAsync(_folder.Write("guide.pdf", builder.Build()));
        Assert.Equal([("Cards are sent by mail.", 1), ("Money arrives in two days.", 2)], chunks.Select(c => (c.Text, c.Page)));
        Assert.All(chunks, c => Assert.Equal("guide.pdf", c.Document));
    }

    /// <summary>Lines as programs draw them, in the operators of the format (ISO 32000-1, 9.4).</summary>
    [Theory]
    [InlineData("bold by drawing twice", "50 700 Td (Cards) Tj ET BT /F 12 Tf 50.5 700 Td (Cards) Tj", "Cards")]
    [InlineData("words set apart without a space", "50 700 Td [(Sent)-250(by)-180(mail)] TJ", "Sent by mail")]
    [InlineData("letters pulled together", "50 700 Td [(Sen)30(t)] TJ", "Sent")]
    [InlineData("turned upwards", "0 1 -1 0 300 100 Tm (Turned round) Tj", "Turned round")]
    [InlineData("turned about", "-1 0 0 -1 300 400 Tm (Upside down) Tj", "Upside down")]
    [InlineData("raised", "50 700 Td (Ada) Tj /F 7 Tf 5 Ts (1) Tj", "Ada1")]
    [InlineData("a ligature drawn later", "50 700 Td (o) Tj 28.8 0 Td (ce) Tj -21.6 0 Td (ffi) Tj", "office")]
    public async Task Pdf_Line_IsReadAsItIsSeen(string what, string drawn, string expected)
    {
        var content = $"BT /F 12 Tf {drawn} ET";
        var file = _folder.Write(
            "line.pdf",
            PdfOf(
                "<</Type/Catalog/Pages 2 0 R>>",
                "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
                $"<</Length {content.Length}>>\nstream\n{content}\nendstream",
                "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"
            )
        );
        Assert.Equal((what, expected), (what, Assert.Single(await ChunksAsync(file)).Text));
    }

    [Fact]
    public async Task Document_ThatTakesTooLong_IsEnded()
    {
        Assert.True(DocumentProcess.IsThere); // else it would be read here, where nothing can end it
        var file = _folder.Write("slow.pdf", PdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"));
        var limits = new ImportLimits { MaxDocumentSeconds = 0 };
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            new FileConverter(limits).ConvertAsync(file, _folder.At("text"), TestContext.Current.CancellationToken)
        );
        Assert.Contains("'slow.pdf' takes more than", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A PDF of objects as they are written, the first of which is its catalog.</summary>
    private static byte[] PdfOf(params string[] objects)
    {
        var (text, places) = (new StringBuilder("%PDF-1.5\n"), new List<int>());
        foreach (var (i, value) in objects.Index())
        {
            places.Add(text.Length);
            text.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{value}\nendobj\n");
        }

        var table = text.Length;
        text.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        places.ForEach(place => text.Append(CultureInfo.InvariantCulture, $"{place:0000000000} 00000 n \n"));
        text.Append(CultureInfo.InvariantCulture, $"trailer\n<</Size {objects.Length + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF");
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    [Fact]
    public async Task Pdf_WithoutText_SaysSo()
    {
        var builder = new PdfDocumentBuilder();
        builder.AddPage(PageSize.A4);
        await RefusedAsync(_folder.Write("scan.pdf", builder.Build()), "picture of a page");
    }

    [Fact]
    public async Task Pdf_BehindBytesOfAMailProgram_IsFound()
    {
        var builder = new PdfDocumentBuilder();
        builder
            .AddPage(PageSize.A4)
            .AddText("Cards are sent by mail.", 12, new PdfPoint(50, 700), builder.AddStandard14Font(Standard14Font.Helvetica));
        var chunk = Assert.Single(
            await ChunksAsync(_folder.Write("guide.pdf", [.. "Content-Type: application/pdf\r\n\r\n"u8, .. builder.Build()]))
        );
        Assert.Equal("Cards are sent by mail.", chunk.Text);
    }

    [Fact]
    public async Task Pdf_LinesOfAParagraph_AreOnePiece_WithWordsThatTheirEndsBroke()
    {
        var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        var page = builder.AddPage(PageSize.A4);
        foreach (
            var (text, x, y) in new[]
            {
                ("The certifi-", 50, 700),
                ("cate is sent", 50, 686),
                ("by mail.", 50, 672),
                ("Another column.", 320, 700),
            }
        )
        {
            page.AddText(text, 12, new PdfPoint(x, y), font);
        }

        Assert.Equal(
            "The certificate is sent\nby mail.\n\nAnother column.",
            Assert.Single(await ChunksAsync(_folder.Write("guide.pdf", builder.Build()))).Text
        );
    }

    /// <summary>What is seen from the left, and how it is read.</summary>
    [Theory]
    [InlineData("forms of letters", "ﺖﺴﭘ", "پست")]
    [InlineData("brackets", ".(4567 هرامش) تراک", "کارت (شماره 4567).")]
    [InlineData("another script", "دیتسرفب Berlin 10115 هب", "به Berlin 10115 بفرستید")]
    [InlineData("numbers", "وروی 25.50 هنیزه ۱۴۰۳ دادرخ ۱۲", "۱۲ خرداد ۱۴۰۳ هزینه 25.50 یورو")]
    public void LinesThatAreReadFromTheRight_AreTurned_AndTheirFormsAreLetters(string what, string seen, string read) =>
        Assert.Equal(
            (what, read),
            (what, PdfTextLine.Letters(string.Concat(PdfTextLine.FromTheRight([.. seen.Select(sign => sign.ToString())]))))
        );

    [Fact]
    public async Task Word_GivesPiecesByHeadingAndPage()
    {
        var path = _folder.At("guide.docx");
        using (var document = WordprocessingDocument.Create(path, WordprocessingDocumentType.Document))
        {
            document.AddMainDocumentPart().Document = new Document(
                new Body(
                    new Paragraph(new ParagraphProperties(new ParagraphStyleId { Val = "Heading1" }), new Run(new Text("Cards"))),
                    new Paragraph(new Run(new Text("They are sent by mail."))),
                    new Paragraph(new Run(new Break { Type = BreakValues.Page })),
                    new Paragraph(new Run(new Text("کارت‌ها با پست می‌رسند.")))
                )
            );
        }

        var chunks = await ChunksAsync(new SourceFile(path, "guide.docx"));
        Assert.Equal(
            [("They are sent by mail.", "Cards", 1), ("کارت‌ها با پست می‌رسند.", "Cards", 2)],
            chunks.Select(c => (c.Text, c.Heading, c.Page))
        );
    }

    [Fact]
    public async Task Markdown_IsCutByHeadings_AndItsRowsCanBeLabelled()
    {
        var converted = await ConvertAsync(
            _folder.Write("guide.md", "# Cards\nSent by mail.\n\n```\n# no heading\n```\n\n## Money\nTwo days.\n")
        );
        var rows = await (await _folder.ImportAsync(converted)).Version.RowsAsync();
        Assert.Equal(["Sent by mail.\n\n```\n# no heading\n```", "Two days."], rows.Select(r => r.Prompt));
        Assert.All(rows, r => Assert.Null(r.Response));
    }

    [Fact]
    public void Chunks_OfAnyText_LoseNoWordAndStayShort() =>
        Gen.String[Gen.Char["abc .\n\uD83D\uDE00"], 0, 6_000]
            .Sample(text =>
            {
                var chunks = DocumentChunker.Join(PlainText.Parts(text), "x").ToList();
                static string Letters(string s) => string.Concat(s.Where(c => !char.IsWhiteSpace(c)));
                return Letters(string.Concat(chunks.Select(c => c.Text))) == Letters(text)
                    && chunks.All(c => c.Text.Length <= DocumentChunker.MaxCharacters + 2);
            });

    private Task<SourceFile> ConvertAsync(SourceFile file) =>
        new FileConverter().ConvertAsync(file, _folder.At(Guid.NewGuid().ToString("N")));

    private async Task<List<DocumentChunk>> ChunksAsync(SourceFile file) =>
        [
            .. File.ReadLines((await ConvertAsync(file)).Path)
                .Select(l => JsonSerializer.Deserialize<DocumentChunk>(l, Protocol.ProtocolJson.Line)!),
        ];

    private async Task RefusedAsync(SourceFile file, string says)
    {
        var before = Directory.GetFileSystemEntries(_folder.Root).Length;
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() => ConvertAsync(file));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(file.Name, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Root).Length);
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in files)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return packed.ToArray();
    }
}
