namespace WebTrainer.Protocol.Tests;

public sealed class ConfirmedKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keys").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("one")]
    [InlineData("one", "two_2", "three.x")]
    public void Keys_AreFoundAgainInTheirRefusal(params string[] keys)
    {
        Assert.Equal(keys, ConfirmedKeys.FindIn("The model can't be used. " + ConfirmedKeys.Refusal(keys) + " Something else."));
        Assert.Empty(ConfirmedKeys.FindIn("config.json lacks 'vocab_size'."));
    }

    [Fact]
    public void Confirmed_IsKeptBesideTheModel_AndChangesItsIdentity()
    {
        File.WriteAllText(Path.Combine(_folder, "config.json"), "{}");
        var before = ModelHash.Of(_folder);
        Assert.Empty(ConfirmedKeys.Read(_folder));
        ConfirmedKeys.Write(_folder, ["b", "a", "b"]);
        Assert.Equal(["a", "b"], ConfirmedKeys.Read(_folder).Order());
        Assert.NotEqual(before, ModelHash.Of(_folder));
        ConfirmedKeys.Write(_folder, []);
        Assert.Equal(before, ModelHash.Of(_folder));
    }

    [Fact]
    public void WhatTheFolderBringsOfItsOwn_IsTakenAway()
    {
        File.WriteAllText(Path.Combine(_folder, ConfirmedKeys.FileName), "[\"smuggled\"]");
        ConfirmedKeys.Write(_folder, []);
        Assert.Empty(ConfirmedKeys.Read(_folder));
    }

    [Fact]
    public void FileThatIsNoList_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder, ConfirmedKeys.FileName), "{");
        Assert.Throws<ModelFileException>(() => ConfirmedKeys.Read(_folder));
    }
}
