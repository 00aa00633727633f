using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>
/// In a hub's cache the files of a model are links: <c>snapshots/REVISION/model.safetensors</c> to <c>../../blobs/HASH</c>.
/// </summary>
public sealed class LinkedWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Load_CacheOfLinks_IsTheSameModel()
    {
        var plain = TinyModel.Write(_folder.File("base"));
        var snapshot = Cached(plain);
        var (expected, actual) = (Load(plain), Load(snapshot));
        Assert.True(expected.EmbeddingTable.Equals(actual.EmbeddingTable));
        Assert.Equal(
            expected
                .Forward(
                    tensor(
                        new long[,]
                        {
                            { 1, 2, 3 },
                        }
                    )
                )
                .ToString(TorchSharp.TensorStringStyle.Numpy),
            actual
                .Forward(
                    tensor(
                        new long[,]
                        {
                            { 1, 2, 3 },
                        }
                    )
                )
                .ToString(TorchSharp.TensorStringStyle.Numpy)
        );
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("model.safetensors")] // to itself
    public void Load_LinkToNothing_SaysSo(string target)
    {
        var snapshot = Cached(TinyModel.Write(_folder.File("base")));
        var path = Path.Combine(snapshot, "model.safetensors");
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
        var fault = Assert.Throws<ModelFileException>(() => Safetensors.ReadHeader(path));
        Assert.Contains("is a link to a file that is not there", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThrowIfTooLarge_Link_CountsWhatItLeadsTo()
    {
        File.WriteAllBytes(_folder.File("large"), new byte[1000]);
        File.CreateSymbolicLink(_folder.File("link"), "large");
        Assert.Contains(
            "1000 bytes",
            Assert.Throws<ModelFileException>(() => ModelFileException.ThrowIfTooLarge(_folder.File("link"), 999)).Message,
            StringComparison.Ordinal
        );
        ModelFileException.ThrowIfTooLarge(_folder.File("link"), 1000);
    }

    private static CausalLM Load(string folder) =>
        ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU, WeightPrecision.Full, TestContext.Current.CancellationToken);

    private string Cached(string folder)
    {
        var (blobs, snapshot) = (_folder.File("blobs"), Path.Combine(_folder.File("snapshots"), "abc"));
        Directory.CreateDirectory(blobs);
        Directory.CreateDirectory(snapshot);
        foreach (var (number, file) in Directory.GetFiles(folder).Index())
        {
            File.Copy(file, Path.Combine(blobs, $"{number}"));
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), $"../../blobs/{number}");
        }

        return snapshot;
    }

    public void Dispose() => _folder.Dispose();
}
