namespace WebTrainer.Learning.Export;

/// <summary>How the numbers of a tensor are written: in blocks of so many, each of so many bytes.</summary>
/// <param name="id">Of the type in the file (<c>ggml_type</c>).</param>
/// <param name="name">As people call it.</param>
/// <param name="values">Numbers of a block.</param>
/// <param name="bytes">Of a block.</param>
/// <param name="largest">The greatest magnitude that it can write.</param>
internal abstract class BlockFormat(uint id, string name, int values, int bytes, double largest)
{
    /// <summary>Of the type in the file (<c>ggml_type</c>).</summary>
    public uint Id => id;

    /// <summary>As people call it.</summary>
    public string Name => name;

    /// <summary>Numbers of a block; a row is a whole number of blocks.</summary>
    public int BlockValues => values;

    /// <summary>The greatest magnitude that it can write.</summary>
    public double Largest => largest;

    /// <summary>Length of so many numbers, which are whole blocks.</summary>
    public long BytesOf(long count) => count / values * bytes;

    /// <summary>Writes whole blocks.</summary>
    public void Encode(ReadOnlySpan<float> numbers, Span<byte> written)
    {
        for (var block = 0; block < numbers.Length / values; block++)
        {
            EncodeBlock(numbers.Slice(block * values, values), written.Slice(block * bytes, bytes));
        }
    }

    /// <summary>The numbers that whole blocks stand for.</summary>
    public void Decode(ReadOnlySpan<byte> written, Span<float> numbers)
    {
        for (var block = 0; block < numbers.Length / values; block++)
        {
            DecodeBlock(written.Slice(block * bytes, bytes), numbers.Slice(block * values, values));
        }
    }

    protected abstract void EncodeBlock(ReadOnlySpan<float> numbers, Span<byte> written);

    protected abstract void DecodeBlock(ReadOnlySpan<byte> written, Span<float> numbers);
}
