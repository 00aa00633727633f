using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace WebTrainer.Proof;

/// <summary>A SHA-256 value (FIPS 180-4) as a value type: 32 bytes, of which zeros alone are the default.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Digest
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = 32;

    private readonly ulong _first,
        _second,
        _third,
        _fourth;

    /// <summary>Takes over a value that was hashed elsewhere.</summary>
    /// <param name="bytes">Exactly <see cref="Bytes"/> of them.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes)
        {
            throw new ArgumentException($"A SHA-256 value has {Bytes} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Hashes bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Bytes];
        SHA256.HashData(content, hash);
        return new(hash);
    }

    /// <summary>Reads 64 hexadecimal digits.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static Digest Parse(string hex) =>
        hex.Length == 2 * Bytes
            ? new(Convert.FromHexString(hex))
            : throw new FormatException($"A SHA-256 value has {2 * Bytes} hexadecimal digits, not {hex.Length}.");

    /// <param name="target">At least <see cref="Bytes"/> long.</param>
    public void CopyTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, _first);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(target[24..], _fourth);
    }

    /// <summary>A copy of the bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Bytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Small hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
