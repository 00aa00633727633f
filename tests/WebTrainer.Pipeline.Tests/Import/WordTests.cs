using System.IO.Compression;
using System.Text;
using System.Text.Json;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

/// <summary>Word documents as Word shows them, put together by hand.</summary>
public sealed class WordTests : IDisposable
{
    private const string Namespaces =
        "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" xmlns:wps=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\" xmlns:v=\"urn:schemas-microsoft-com:vml\"";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        "<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t> new</w:t></w:r></w:ins></w:p>",
        "Kept new"
    )]
    [InlineData(
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>PAGE \\* x</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>7</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:r><w:t> of 9</w:t></w:r></w:p>",
        "7 of 9"
    )]
    [InlineData(
        "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r></w:p>",
        "a\tb\nc\u2011d"
    )]
    [InlineData("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:t>shown</w:t></w:r></w:p>", "shown")]
    [InlineData(
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>one</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>two</w:t></w:r></w:p><w:p><w:r><w:t>more</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:t>gone</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        "one\ttwo more"
    )]
    [InlineData(
        "<w:p><w:r><w:t>x</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
        "x\n\nbox"
    )]
    [InlineData(
        "<w:p><w:r><w:t>Said</w:t></w:r><w:r><w:footnoteReference w:id=\"2\"/></w:r><w:r><w:t>.</w:t></w:r></w:p>",
        "Said [by Ada]."
    )]
    [InlineData(
        "<w:sdt><w:sdtPr><w:alias w:val=\"x\"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>in a control</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        "in a control"
    )]
    public async Task Text_IsWhatWordShows(string body, string expected) =>
        Assert.Equal(expected, Assert.Single(await ChunksAsync(body)).Text);

    [Theory]
    [InlineData("<w:pPr><w:pStyle w:val=\"berschrift1\"/></w:pPr>")]
    [InlineData("<w:pPr><w:pStyle w:val=\"Own\"/></w:pPr>")]
    [InlineData("<w:pPr><w:outlineLvl w:val=\"2\"/></w:pPr>")]
    public async Task Headings_AreToldByTheirLevel_WhateverTheirStyleIsCalled(string properties)
    {
        var chunk = Assert.Single(
            await ChunksAsync($"<w:p>{properties}<w:r><w:t>Cards</w:t></w:r></w:p><w:p><w:r><w:t>By mail.</w:t></w:r></w:p>")
        );
        Assert.Equal(("Cards", "By mail."), (chunk.Heading, chunk.Text));
    }

    /// <summary>Nothing is lost of headings that follow each other, or below which nothing stands.</summary>
    [Fact]
    public async Task Headings_WithoutTextBelow_StandAboveTheNext_OrAreTextThemselves()
    {
        static string Heading(string text) => $"<w:p><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>";
        var chunks = await ChunksAsync(
            Heading("Cards") + Heading("By mail") + "<w:p><w:r><w:t>Ten days.</w:t></w:r></w:p>" + Heading("By hand") + Heading("Annex")
        );
        Assert.Equal([("Cards / By mail", "Ten days."), ("", "By hand / Annex")], chunks.Select(chunk => (chunk.Heading, chunk.Text)));
    }

    [Fact]
    public async Task Body_CalledDocument2_IsFound()
    {
        var chunk = Assert.Single(await ChunksAsync("<w:p><w:r><w:t>From the cloud.</w:t></w:r></w:p>", "document2.xml"));
        Assert.Equal("From the cloud.", chunk.Text);
    }

    private async Task<List<DocumentChunk>> ChunksAsync(string body, string name = "document.xml")
    {
        var file = _folder.Write("guide.docx", Document(body, name));
        var text = await new FileConverter().ConvertAsync(
            file,
            _folder.At(Guid.NewGuid().ToString("N")),
            TestContext.Current.CancellationToken
        );
        return [.. File.ReadLines(text.Path).Select(line => JsonSerializer.Deserialize<DocumentChunk>(line, Protocol.ProtocolJson.Line)!)];
    }

    private static byte[] Document(string body, string name)
    {
        const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        const string Word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
        return Zip(
            (
                "[Content_Types].xml",
                $"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/word/{name}\" ContentType=\"{Word}.document.main+xml\"/><Override PartName=\"/word/styles.xml\" ContentType=\"{Word}.styles+xml\"/><Override PartName=\"/word/footnotes.xml\" ContentType=\"{Word}.footnotes+xml\"/></Types>"
            ),
            (
                "_rels/.rels",
                $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{Office}/officeDocument\" Target=\"word/{name}\"/></Relationships>"
            ),
            (
                $"word/_rels/{name}.rels",
                $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{Office}/styles\" Target=\"styles.xml\"/><Relationship Id=\"r2\" Type=\"{Office}/footnotes\" Target=\"footnotes.xml\"/></Relationships>"
            ),
            (
                "word/styles.xml",
                $"<w:styles {Namespaces}><w:style w:type=\"paragraph\" w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"Level\"><w:name w:val=\"Level\"/><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr></w:style><w:style w:type=\"paragraph\" w:styleId=\"Own\"><w:name w:val=\"Own\"/><w:basedOn w:val=\"Level\"/></w:style></w:styles>"
            ),
            (
                "word/footnotes.xml",
                $"<w:footnotes {Namespaces}><w:footnote w:id=\"2\"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space=\"preserve\"> by Ada</w:t></w:r></w:p></w:footnote></w:footnotes>"
            ),
            ($"word/{name}", $"<w:document {Namespaces}><w:body>{body}</w:body></w:document>")
        );
    }

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
