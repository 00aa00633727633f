using System.Runtime.InteropServices;
using System.Text;
using WebTrainer.Embedding;

namespace WebTrainer.Pipeline.Vectors;

/// <summary>
/// Vectors of a version in a file: a head of source, numbers and what the embedder learned, then the texts' hashes, their vectors, and the
/// number of each row's text. Numbers are little-endian.
/// </summary>
public static class VectorFile
{
    /// <summary>Raised when vectors are made otherwise, or written otherwise: files of another number are made anew.</summary>
    private const int Version = 1;

    private const int BufferBytes = 1 << 20;
    private static ReadOnlySpan<byte> Sign => "WTVE"u8;

    /// <summary>Writes a file that appears whole or not at all.</summary>
    /// <param name="scratch">A path on the same disk to write it to first; gone at the end.</param>
    public static void Write(KeptVectors vectors, string target, string scratch)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        try
        {
            using (var stream = new FileStream(scratch, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
            {
                WriteHead(vectors, stream);
                WriteAll<UInt128>(stream, vectors.Keys);
                WriteAll(stream, vectors.Values);
                WriteAll(stream, vectors.TextOf);
                stream.Flush(flushToDisk: true);
            }

            File.Move(scratch, target, overwrite: true);
        }
        finally
        {
            File.Delete(scratch); // not there any more when it took its place
        }
    }

    /// <returns>Null where there is none, or one of an earlier program.</returns>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static KeptVectors? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes);
            if (ReadHead(stream) is not { } head)
            {
                return null;
            }

            return new KeptVectors(
                head.Source with
                {
                    Learned = head.Source.Encoder == VectorSource.BuiltIn ? TextEmbedder.Read(stream) : null,
                },
                head.Dimensions,
                ReadAll<UInt128>(stream, head.Texts),
                ReadAll<sbyte>(stream, (long)head.Texts * head.Dimensions),
                ReadAll<int>(stream, head.Rows)
            );
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException("The file of vectors ends too early. Make the vectors again.", exception);
        }
    }

    /// <summary>What a file holds, without reading its vectors; null where there is none, or one of an earlier program.</summary>
    public static VectorHead? Head(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        return ReadHead(stream);
    }

    private static void WriteHead(KeptVectors vectors, Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Sign);
        writer.Write(Version);
        writer.Write(vectors.Source.Encoder);
        writer.Write(vectors.Source.Weights);
        writer.Write(vectors.Dimensions);
        writer.Write(vectors.Texts);
        writer.Write(vectors.Rows);
        vectors.Source.Learned?.Write(stream);
    }

    private static VectorHead? ReadHead(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (!reader.ReadBytes(Sign.Length).AsSpan().SequenceEqual(Sign) || reader.ReadInt32() != Version)
        {
            return null;
        }

        var source = new VectorSource(reader.ReadString(), reader.ReadString(), Learned: null);
        return new VectorHead(source, reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
    }

    private static void WriteAll<T>(Stream stream, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        // a span of bytes ends at two gigabytes
        for (var rest = values; rest.Length > 0; rest = rest[Math.Min(rest.Length, BufferBytes)..])
        {
            stream.Write(MemoryMarshal.AsBytes(rest[..Math.Min(rest.Length, BufferBytes)]));
        }
    }

    private static T[] ReadAll<T>(Stream stream, long count)
        where T : unmanaged
    {
        var values = new T[count];
        for (var rest = values.AsSpan(); rest.Length > 0; rest = rest[Math.Min(rest.Length, BufferBytes)..])
        {
            stream.ReadExactly(MemoryMarshal.AsBytes(rest[..Math.Min(rest.Length, BufferBytes)]));
        }

        return values;
    }
}

/// <summary>What a file of vectors holds.</summary>
/// <param name="Source">Without what the embedder learned.</param>
/// <param name="Dimensions">Numbers of a vector.</param>
/// <param name="Texts">Texts that differ.</param>
/// <param name="Rows">Rows of the version.</param>
public sealed record VectorHead(VectorSource Source, int Dimensions, int Texts, int Rows);
