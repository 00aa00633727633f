using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Tests.Shared;

public sealed class CsvFileTests
{
    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a \"word\"", "\"a \"\"word\"\"\"")]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("-5", "-5")]
    [InlineData("1.5e-3", "1.5e-3")]
    [InlineData("1,5", "\"1,5\"")]
    [InlineData("", "\"\"")]
    [InlineData(null, "\"\"")]
    public void Cell_TextInQuotes_NumbersAsTheyAre_FormulasAsText(string? text, string expected) =>
        Assert.Equal(expected, CsvFile.Line([text]));

    [Fact]
    public void File_BeginsWithTheMarkOfUtf8()
    {
        var bytes = CsvFile
            .Of(
                [
                    ["سلام"],
                ],
                "a.csv"
            )
            .FileContents.ToArray();
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        Assert.Equal("\"سلام\"\n", System.Text.Encoding.UTF8.GetString(bytes[3..]));
    }
}
