namespace WebTrainer.Protocol.Tests;

public sealed class LinkedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-links-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Length_LinkOfALink_IsTheFilesOwn()
    {
        File.WriteAllBytes(In("blob"), new byte[5000]);
        File.CreateSymbolicLink(In("link"), "blob");
        File.CreateSymbolicLink(In("linked"), "link");
        Assert.Equal(5000, LinkedFile.Length(In("linked")));
        Assert.Equal(5000, LinkedFile.Length(In("blob")));
    }

    [Fact]
    public void Length_NoFileOrALinkToNone_IsNone()
    {
        File.CreateSymbolicLink(In("link"), "gone");
        Assert.Null(LinkedFile.Length(In("link")));
        Assert.Null(LinkedFile.Length(In("nothing")));
    }

    [Fact]
    public void ThrowIfTooLarge_LinkToALargeFile_IsRefused()
    {
        File.WriteAllBytes(In("blob"), new byte[5000]);
        File.CreateSymbolicLink(In("config.json"), "blob");
        Assert.Contains("5000 bytes", Assert.Throws<ModelFileException>(() => ModelFileException.ThrowIfTooLarge(In("config.json"), 4000)).Message, StringComparison.Ordinal);
        Assert.Contains("missing", Assert.Throws<ModelFileException>(() => ModelFileException.ThrowIfTooLarge(In("none"), 4000)).Message, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_folder, name);
}
