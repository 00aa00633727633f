using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace WebTrainer.Proof;

/// <summary>
/// Hash of an entry over the hash of the one before it (Haber and Stornetta, "How to time-stamp a digital document", 1991):
/// <c>SHA-256(tag ‖ previous ‖ fields)</c>. Fields are written so that no two lists of fields have the same bytes: each has its type, and
/// those of variable length their length before them. Not safe for threads; one object hashes many entries without garbage.
/// </summary>
public sealed class ChainHasher
{
    private const byte Nothing = 0,
        Integer = 1,
        Utf8 = 2,
        Opaque = 3;

    // Neither 00 nor 01 first: those are the leaves and nodes of a Merkle tree.
    private static readonly byte[] s_tag = [2, .. "WebTrainer chain 1"u8];
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Starts an entry.</summary>
    /// <param name="previous">Hash of the entry before; zeros for the first.</param>
    public ChainHasher Begin(Digest previous)
    {
        _bytes.ResetWrittenCount();
        _bytes.Write(s_tag);
        previous.CopyTo(_bytes.GetSpan(Digest.Bytes));
        _bytes.Advance(Digest.Bytes);
        return this;
    }

    /// <summary>A field that has no value, which is not an empty one.</summary>
    public ChainHasher Null() => Byte(Nothing);

    /// <summary>A whole number.</summary>
    public ChainHasher Number(long value)
    {
        Byte(Integer);
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
        return this;
    }

    /// <summary>A text, or that there is none.</summary>
    public ChainHasher Text(string? value) => value is null ? Null() : Text(Encoding.UTF8.GetBytes(value));

    /// <summary>A text as its UTF-8 bytes, which are not looked at.</summary>
    public ChainHasher Text(ReadOnlySpan<byte> utf8) => Byte(Utf8).Counted(utf8);

    /// <summary>Bytes that are no text.</summary>
    public ChainHasher Blob(ReadOnlySpan<byte> bytes) => Byte(Opaque).Counted(bytes);

    /// <summary>What was written since <see cref="Begin"/>: the entry's hash is <see cref="Digest.Of"/> it.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <returns>The entry's hash.</returns>
    public Digest End() => Digest.Of(Written);

    private ChainHasher Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
        return this;
    }

    private ChainHasher Counted(ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(sizeof(int)), bytes.Length);
        _bytes.Advance(sizeof(int));
        _bytes.Write(bytes);
        return this;
    }
}
