using System.Buffers.Binary;
using System.Text;

namespace WebTrainer.Learning.Export;

/// <summary>Keys and values at the head of a GGUF file, in the order in which they were added, little-endian.</summary>
internal sealed class GgufMetadata
{
    private readonly MemoryStream _written = new();

    /// <summary>Number of keys.</summary>
    public int Count { get; private set; }

    public void Add(string key, uint value)
    {
        Key(key, GgufValueType.UInt32);
        Number(value);
    }

    public void Add(string key, double value)
    {
        Key(key, GgufValueType.Float32);
        Number(BitConverter.SingleToUInt32Bits((float)value));
    }

    public void Add(string key, bool value)
    {
        Key(key, GgufValueType.Bool);
        _written.WriteByte(value ? (byte)1 : (byte)0);
    }

    public void Add(string key, string value)
    {
        Key(key, GgufValueType.Text);
        Text(value);
    }

    public void Add(string key, IReadOnlyCollection<string> values)
    {
        Array(key, GgufValueType.Text, values.Count);
        foreach (var value in values)
        {
            Text(value);
        }
    }

    public void Add(string key, IReadOnlyCollection<int> values)
    {
        Array(key, GgufValueType.Int32, values.Count);
        foreach (var value in values)
        {
            Number((uint)value);
        }
    }

    public void Add(string key, IReadOnlyCollection<float> values)
    {
        Array(key, GgufValueType.Float32, values.Count);
        foreach (var value in values)
        {
            Number(BitConverter.SingleToUInt32Bits(value));
        }
    }

    public void WriteTo(Stream stream) => _written.WriteTo(stream);

    private void Key(string key, GgufValueType type)
    {
        Count++;
        Text(key);
        Number((uint)type);
    }

    private void Array(string key, GgufValueType type, int count)
    {
        Key(key, GgufValueType.Array);
        Number((uint)type);
        Long((ulong)count);
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Long((ulong)bytes.Length);
        _written.Write(bytes);
    }

    private void Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _written.Write(bytes);
    }

    private void Long(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _written.Write(bytes);
    }
}
