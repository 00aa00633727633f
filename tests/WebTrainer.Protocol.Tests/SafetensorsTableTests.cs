using System.Diagnostics;
using System.Text;

namespace WebTrainer.Protocol.Tests;

/// <summary>Tables of weights that contradict themselves are refused fast and in little memory: threat row 15.</summary>
public sealed class SafetensorsTableTests
{
    private const long MostBytes = 50L << 20;
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F64","shape":[2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 16)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":"x","data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":[1,2]}""", 0)]
    [InlineData("""{"__metadata__":{"a":1}}""", 0)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} []""", 8)]
    [InlineData("[]", 0)]
    [InlineData("{\"\\ud83d\":1}", 0)]
    public void TableThatContradictsItself_IsRefused(string table, int dataBytes) =>
        Refused(File(Encoding.UTF8.GetByteCount(table), Encoding.UTF8.GetBytes(table), dataBytes));

    [Theory]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 30)]
    [InlineData(1000)]
    public void LengthBeyondTheFile_IsRefused(ulong length) => Refused(File(unchecked((long)length), "{}"u8.ToArray(), 0));

    /// <summary>The largest table that is read, whose last tensor stands there twice.</summary>
    [Fact]
    public void LargestTable_IsRefusedForItsLastTensor()
    {
        var table = new StringBuilder("{");
        var count = 0;
        for (; table.Length < SafetensorsTable.MaximumBytes - 400; count++)
        {
            table.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"\"model.layers.{count}.self_attention.query_key_value.some_long_name_of_a_weight.weight\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{count},{count + 1}]}},"
            );
        }

        var last = $"\"last\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{count},{count + 1}]}}";
        var bytes = Encoding.UTF8.GetBytes(table.Append(last).Append(',').Append(last).Append('}').ToString());
        Refused(File(bytes.Length, bytes, count + 1));
    }

    [Fact]
    public void WholeTable_IsRead()
    {
        var bytes =
            """{"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,2],"data_offsets":[4,12],"more":{"x":[1]}},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  """u8.ToArray();
        using var file = File(bytes.Length, bytes, 12);
        var table = SafetensorsTable.Read(file);
        Assert.Equal(["a", "b"], table.Places.Keys.Order());
        Assert.Equal(("pt", 8L + bytes.Length), (table.Metadata["format"], table.DataStart));
        Assert.Equal([2L, 2L], table.Places["b"].Shape);
        Assert.Equal(file.Position, table.DataStart);
    }

    private static void Refused(Stream file)
    {
        using (file)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            Assert.Throws<ModelFileException>(() => SafetensorsTable.Read(file));
            var (taken, allocated) = (watch.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
            TestContext.Current.SendDiagnosticMessage($"Refused in {taken.TotalMilliseconds:0} ms and {allocated / 1e6:0.0} MB.");
            Assert.InRange(taken, TimeSpan.Zero, s_most);
            Assert.InRange(allocated, 0, MostBytes);
        }
    }

    private static MemoryStream File(long length, byte[] table, int dataBytes) =>
        new([.. BitConverter.GetBytes(length), .. table, .. new byte[dataBytes]]);
}
