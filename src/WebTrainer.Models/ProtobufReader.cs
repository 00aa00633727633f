using System.Buffers.Binary;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>A field of a protocol buffer message.</summary>
/// <param name="Value">A number's value, or the bits of one of fixed length.</param>
/// <param name="Bytes">What is nested: a message, a text or packed numbers; empty in a number.</param>
internal readonly record struct ProtobufField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    /// <exception cref="ModelFileException">It is no UTF-8.</exception>
    public string Text
    {
        get
        {
            try
            {
                return s_utf8.GetString(Bytes.Span);
            }
            catch (DecoderFallbackException exception)
            {
                throw new ModelFileException("A name in the file is no UTF-8.", exception);
            }
        }
    }

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}

/// <summary>
/// Reads the fields of a protocol buffer message in the order of the file (https://protobuf.dev/programming-guides/encoding), as views
/// into its bytes: nothing is copied, and nothing allocated by a length that the file claims.
/// </summary>
internal static class ProtobufReader
{
    private const int MaximumVarintBytes = 10;

    /// <exception cref="ModelFileException">The message ends inside a field, or has a kind of field that is not known.</exception>
    public static IEnumerable<ProtobufField> Fields(ReadOnlyMemory<byte> message)
    {
        var position = 0;
        while (position < message.Length)
        {
            var tag = Varint(message.Span, ref position);
            if (tag >> 3 is 0 or > int.MaxValue)
            {
                throw new ModelFileException($"The file is no protocol buffer: it has a field of the number {tag >> 3}.");
            }

            var number = (int)(tag >> 3);
            yield return (tag & 7) switch
            {
                0 => new(number, Varint(message.Span, ref position), default),
                1 => new(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(message, sizeof(ulong), ref position).Span), default),
                2 => new(number, 0, Take(message, Varint(message.Span, ref position), ref position)),
                5 => new(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(message, sizeof(uint), ref position).Span), default),
                var kind => throw new ModelFileException($"The file is no protocol buffer: field {number} is of the kind {kind}."),
            };
        }
    }

    /// <summary>Numbers that stand packed in one field.</summary>
    /// <exception cref="ModelFileException">There are more than <paramref name="maximum"/>, or the last one has no end.</exception>
    public static List<long> Packed(ReadOnlySpan<byte> bytes, int maximum)
    {
        var (numbers, position) = (new List<long>(), 0);
        while (position < bytes.Length)
        {
            if (numbers.Count == maximum)
            {
                throw new ModelFileException($"A list in the file has more than {maximum} numbers.");
            }

            numbers.Add((long)Varint(bytes, ref position));
        }

        return numbers;
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> message, ulong length, ref int position)
    {
        if (length > (ulong)(message.Length - position))
        {
            throw new ModelFileException($"The file ends inside a field that claims {length} bytes.");
        }

        position += (int)length;
        return message.Slice(position - (int)length, (int)length);
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = 0;
        for (var count = 0; count < MaximumVarintBytes && position < bytes.Length; count++)
        {
            var next = bytes[position++];
            value |= (ulong)(next & 0x7F) << (7 * count);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new ModelFileException("The file ends inside a number.");
    }
}
