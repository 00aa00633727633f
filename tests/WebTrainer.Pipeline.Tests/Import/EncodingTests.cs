using System.Text;
using CsCheck;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

public sealed class EncodingTests : IDisposable
{
    private const string Persian = "text,label\nکارت من کجاست؟,کارت\nپول را چگونه بفرستم؟,پول\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("utf-8", false, TextEncoding.Utf8)]
    [InlineData("utf-8", true, TextEncoding.Utf8WithBom)]
    [InlineData("utf-16", false, TextEncoding.Utf16LittleEndian)]
    [InlineData("utf-16", true, TextEncoding.Utf16LittleEndian)]
    [InlineData("utf-16BE", false, TextEncoding.Utf16BigEndian)]
    [InlineData("utf-16BE", true, TextEncoding.Utf16BigEndian)]
    [InlineData("windows-1256", false, TextEncoding.Windows1256)]
    public async Task Table_InAnyEncoding_GivesTheSameRows(string name, bool mark, TextEncoding expected)
    {
        // windows-1256 has no Persian yeh: older programs wrote the Arabic one.
        var text = name == "windows-1256" ? Persian.Replace('ی', 'ي') : Persian;
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        byte[] bytes = [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];
        var file = _folder.Write("rows.csv", bytes);
        Assert.Equal(expected, (await new FileInspector().InspectAsync(file)).Encoding);
        var rows = await (await _folder.ImportAsync(file)).Version.RowsAsync();
        Assert.Equal([("کارت من کجاست؟", "کارت"), ("پول را چگونه بفرستم؟", "پول")], rows.Select(r => (r.Prompt, r.Label!)));
    }

    [Theory]
    [InlineData("Où est ma carte ? Élève à l'école, déjà perdue.", "iso-8859-1")]
    [InlineData("Straße, Größe, Übermut, ähnlich, öde, süß", "iso-8859-1")]
    [InlineData("Kreditní karta byla ztracena včera večer", "windows-1250")]
    public void Accents_OfOtherPages_AreNotTakenForArabic(string text, string page)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.GetEncoding(page);
        Assert.Equal(TextEncoding.Utf8, TextEncodings.Recognise(encoding.GetBytes(text)).Encoding);
    }

    [Fact]
    public void Utf8_OfAnyText_IsToldAsUtf8() =>
        Gen.String[Gen.Char["abکارت ,é\n\u4E2D"], 0, 200]
            .Sample(text => TextEncodings.Recognise(Encoding.UTF8.GetBytes(text)).Encoding == TextEncoding.Utf8);

    [Fact]
    public void AnyBytes_AreToldAsSomething() =>
        Gen.Byte.Array[0, 300].Sample(bytes => Enum.IsDefined(TextEncodings.Recognise(bytes).Encoding));
}
