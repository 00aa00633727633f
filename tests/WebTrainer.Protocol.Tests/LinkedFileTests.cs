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
        Assert.Equal(5000, LinkedFile.Of(In("linked"))!.Length);
        Assert.Equal(5000, LinkedFile.Of(In("blob"))!.Length);
    }

    [Fact]
    public void Length_NoFileOrALinkToNone_IsNone()
    {
        File.CreateSymbolicLink(In("link"), "gone");
        Assert.False(LinkedFile.Of(In("link")) is { Exists: true });
        Assert.False(LinkedFile.Of(In("nothing")) is { Exists: true });
    }

    [Fact]
    public void ThrowIfTooLarge_LinkToALargeFile_IsRefused()
    {
        File.WriteAllBytes(In("blob"), new byte[5000]);
        File.CreateSymbolicLink(In("config.json"), "blob");
        Assert.Contains(
            "5000 bytes",
            Assert.Throws<ModelFileException>(() => ModelFileException.ThrowIfTooLarge(In("config.json"), 4000)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "missing",
            Assert.Throws<ModelFileException>(() => ModelFileException.ThrowIfTooLarge(In("none"), 4000)).Message,
            StringComparison.Ordinal
        );
    }

    private string In(string name) => Path.Combine(_folder, name);
}
