using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Export;

/// <summary>What was written of a tensor.</summary>
/// <param name="Name">In the file.</param>
/// <param name="Hash">SHA-256 of its bytes.</param>
/// <param name="Error">Sum of the squared differences between its numbers and what the bytes stand for.</param>
/// <param name="Power">Sum of the squared numbers.</param>
internal sealed record WrittenTensor(string Name, string Hash, double Error, double Power);

/// <summary>
/// Writes GGUF, version 3 (ggml's docs/gguf.md): magic, version, counts, metadata, a table of tensors, their data, each at a multiple of
/// 32 bytes. One tensor is in memory at a time, and of its numbers in float32 a few rows.
/// </summary>
internal sealed class GgufWriter
{
    /// <summary>Tensors and their data begin at multiples of this, the format's own where a file names none.</summary>
    public const int Alignment = 32;

    public const uint Version = 3;
    private const int NumbersAtOnce = 1 << 20;
    private readonly Stream _stream;

    private GgufWriter(Stream stream) => _stream = stream;

    /// <summary>Writes whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <exception cref="ModelFileException">A number can't be written in its tensor's format.</exception>
    public static List<WrittenTensor> Write(
        string path,
        GgufMetadata metadata,
        IReadOnlyList<GgufTensor> tensors,
        CancellationToken cancellationToken
    )
    {
        List<WrittenTensor> written = [];
        AtomicFile.Write(
            path,
            stream =>
            {
                var writer = new GgufWriter(stream);
                writer.WriteHead(metadata, tensors);
                foreach (var tensor in tensors)
                {
                    written.Add(writer.WriteData(tensor, cancellationToken));
                }
            }
        );
        return written;
    }

    private void WriteHead(GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        _stream.Write("GGUF"u8);
        Number(Version);
        Long(tensors.Count);
        Long(metadata.Count);
        metadata.WriteTo(_stream);
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            var name = Encoding.UTF8.GetBytes(tensor.Name);
            Long(name.Length);
            _stream.Write(name);
            Number((uint)tensor.Shape.Length);
            foreach (var size in tensor.Shape.Reverse())
            {
                Long(size);
            }

            Number(tensor.Format.Id);
            Long(offset);
            offset += Aligned(tensor.Bytes);
        }

        Fill();
    }

    private WrittenTensor WriteData(GgufTensor tensor, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var columns = tensor.Shape[^1];
        var rows = tensor.Read().reshape(-1, columns);
        var atOnce = Math.Max(1, NumbersAtOnce / columns);
        var (error, power) = (0.0, 0.0);
        for (var row = 0L; row < rows.shape[0]; row += atOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var part = NewDisposeScope();
            var numbers = rows.narrow(0, row, Math.Min(atOnce, rows.shape[0] - row)).to(ScalarType.Float32).contiguous();
            var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(numbers.bytes);
            var bytes = Encode(tensor, values);
            _stream.Write(bytes);
            hash.AppendData(bytes);
            var (off, size) = Difference(tensor.Format, values, bytes);
            (error, power) = (error + off, power + size);
        }

        Fill();
        return new(tensor.Name, Convert.ToHexStringLower(hash.GetHashAndReset()), error, power);
    }

    private static byte[] Encode(GgufTensor tensor, ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            // not a number compares as false
            if (!(Math.Abs(value) <= tensor.Format.Largest))
            {
                throw new ModelFileException(
                    $"The weight '{tensor.Name}' holds {value}, which {tensor.Format.Name} can't write; "
                        + (float.IsFinite(value) ? "choose BF16 or F32." : "the model is broken, or its training diverged.")
                );
            }
        }

        var bytes = new byte[tensor.Format.BytesOf(values.Length)];
        tensor.Format.Encode(values, bytes);
        return bytes;
    }

    private static (double Error, double Power) Difference(BlockFormat format, ReadOnlySpan<float> values, ReadOnlySpan<byte> bytes)
    {
        var back = new float[values.Length];
        format.Decode(bytes, back);
        var (error, power) = (0.0, 0.0);
        for (var i = 0; i < back.Length; i++)
        {
            var off = (double)back[i] - values[i];
            error += off * off;
            power += (double)values[i] * values[i];
        }

        return (error, power);
    }

    /// <summary>Zeros up to where the next part begins.</summary>
    private void Fill() => _stream.Write(new byte[Aligned(_stream.Position) - _stream.Position]);

    internal static long Aligned(long position) => (position + Alignment - 1) / Alignment * Alignment;

    private void Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _stream.Write(bytes);
    }

    private void Long(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _stream.Write(bytes);
    }
}
