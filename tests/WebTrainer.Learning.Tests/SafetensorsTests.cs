using System.Buffers.Binary;
using System.Text;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_ThenRead_GivesTheSameTensors()
    {
        var path = _folder.File("x.safetensors");
        var tensors = new Dictionary<string, Tensor>
        {
            ["b"] = randn(3, 5),
            ["a"] = randn(7).to(ScalarType.BFloat16),
            ["é"] = tensor(new long[] { 1, 2 }),
        };
        Safetensors.Write(path, tensors);
        var read = Safetensors.Read(path);
        Assert.Equal(tensors.Keys.Order(), read.Keys.Order());
        Assert.All(
            tensors,
            pair => Assert.True(pair.Value.equal(read[pair.Key]).all().item<bool>() && pair.Value.dtype == read[pair.Key].dtype)
        );
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 16)]
    [InlineData("""{"a":{"dtype":"F32","shape":"x","data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":[1,2]}""", 0)]
    [InlineData("[]", 0)]
    public void Read_HeaderThatContradictsItself_IsRefused(string header, int dataBytes)
    {
        Write((ulong)Encoding.UTF8.GetByteCount(header), header, dataBytes);
        Assert.Throws<ModelFileException>(() => Safetensors.Read(_folder.File("x.safetensors")));
    }

    [Theory]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 30)]
    [InlineData(1000)]
    public void Read_LengthBeyondTheFile_IsRefusedWithoutAllocatingIt(ulong length)
    {
        Write(length, "{}", 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFileException>(() => Safetensors.Read(_folder.File("x.safetensors")));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Read_HeaderOfAGigabyte_IsRefusedUnread()
    {
        var path = _folder.File("x.safetensors");
        using (var file = File.Create(path))
        {
            file.Write(BitConverter.GetBytes(1L << 30));
            file.SetLength((1L << 30) + 100); // sparse
        }

        Assert.Throws<ModelFileException>(() => Safetensors.Read(path));
    }

    [Theory]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1000000000")]
    [InlineData("\"hidden_size\": 32", "\"hidden_size\": -32")]
    [InlineData("\"vocab_size\"", "\"auto_map\": {\"AutoModel\": \"evil.py\"}, \"vocab_size\"")]
    [InlineData("\"model_type\": \"llama\"", "\"model_type\": \"mamba\"")]
    [InlineData("\"hidden_size\": 32", "\"hidden_size\": \"many\"")]
    public void Load_HostileConfig_IsRefused(string part, string replacement)
    {
        TinyModel.Write(_folder.Path);
        var path = _folder.File("config.json");
        var text = File.ReadAllText(path);
        Assert.Contains(part, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(part, replacement, StringComparison.Ordinal));
        Assert.Throws<ModelFileException>(() => ModelStore.Load(_folder.Path, ScalarType.Float32, ScalarType.Float32, CPU));
    }

    [Fact]
    public void Load_PickledWeights_AreRefusedByName()
    {
        TinyModel.Write(_folder.Path);
        File.Move(_folder.File("model.safetensors"), _folder.File("pytorch_model.bin"));
        var refusal = Assert.Throws<ModelFileException>(() => ModelStore.Load(_folder.Path, ScalarType.Float32, ScalarType.Float32, CPU));
        Assert.Contains("pickle", refusal.Message, StringComparison.Ordinal);
    }

    private void Write(ulong length, string header, int dataBytes)
    {
        using var file = File.Create(_folder.File("x.safetensors"));
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length);
        file.Write(prefix);
        file.Write(Encoding.UTF8.GetBytes(header));
        file.Write(new byte[dataBytes]);
    }
}
