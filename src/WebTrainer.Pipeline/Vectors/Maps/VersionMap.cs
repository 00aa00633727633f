using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Vectors.Maps;

/// <summary>Rows that lie together.</summary>
/// <param name="Name">The words that they have more than others.</param>
/// <param name="Rows">How many.</param>
/// <param name="X">Where most of them lie on the map.</param>
/// <param name="Y">Likewise.</param>
/// <param name="Label">The label that most have; null where none has one.</param>
/// <param name="LabelShare">Of those with a label, the share that has it.</param>
public sealed record MapCluster(string Name, int Rows, float X, float Y, string? Label, double LabelShare);

/// <summary>What rows are coloured by: the values, and which of them each row has.</summary>
/// <param name="Name">One of the names below.</param>
/// <param name="Values">At most <see cref="VersionMap.MostValues"/>; the last stands for all rarer ones where there are more.</param>
public sealed record MapColumn(string Name, IReadOnlyList<string> Values)
{
    /// <summary>Name of the column of clusters, which every map has first.</summary>
    public const string Cluster = "cluster";

    /// <summary>Name of the column of labels; only where they differ.</summary>
    public const string Label = "label";

    /// <summary>Name of the column of splits; only where they differ.</summary>
    public const string Split = "split";

    /// <summary>Name of the column of where rows came from; only where it differs.</summary>
    public const string Source = "source";
}

/// <summary>What stands before the numbers of a map.</summary>
/// <param name="Version">Of the format.</param>
/// <param name="Rows">Of the version.</param>
public sealed record MapHead(int Version, int Rows, IReadOnlyList<MapColumn> Columns, IReadOnlyList<MapCluster> Clusters);

/// <summary>
/// A place on a plane for each row of a version, so that rows which mean the same lie together, and what they are coloured by. Its file
/// is what the page reads too: the length of the head (4 bytes, little-endian), the head as JSON filled up to a multiple of four bytes,
/// x and y of each row as float32, and for each column a byte a row.
/// </summary>
/// <param name="Head">Columns and clusters.</param>
/// <param name="X">From 0 to <see cref="Span"/>; not a number for rows without words.</param>
/// <param name="Y">Likewise.</param>
/// <param name="Values">Of each column the number of each row's value.</param>
public sealed record VersionMap(MapHead Head, float[] X, float[] Y, IReadOnlyList<byte[]> Values)
{
    /// <summary>Raised when maps are made or written otherwise.</summary>
    internal const int Format = 1;

    /// <summary>Values that are told apart by colours.</summary>
    public const int MostValues = 12;

    /// <summary>Width and height.</summary>
    public const float Span = 1_000;

    /// <summary>Writes a file that appears whole or not at all.</summary>
    /// <param name="scratch">A path on the same disk to write it to first; gone at the end.</param>
    public void Write(string target, string scratch)
    {
        try
        {
            using (var stream = new FileStream(scratch, FileMode.Create, FileAccess.Write))
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(Head, ProtocolJson.Line);
                var padded = (json.Length + 3) / 4 * 4;
                Span<byte> length = stackalloc byte[sizeof(int)];
                BinaryPrimitives.WriteInt32LittleEndian(length, padded);
                stream.Write(length);
                stream.Write(json);
                stream.Write("   "u8[..(padded - json.Length)]);
                stream.Write(MemoryMarshal.AsBytes(X.AsSpan()));
                stream.Write(MemoryMarshal.AsBytes(Y.AsSpan()));
                foreach (var values in Values)
                {
                    stream.Write(values);
                }
            }

            File.Move(scratch, target, overwrite: true);
        }
        finally
        {
            File.Delete(scratch); // not there any more when it took its place
        }
    }

    /// <returns>Null where there is none, or one of an earlier program.</returns>
    /// <exception cref="EndOfStreamException">The file is damaged.</exception>
    public static VersionMap? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        if (ReadHead(stream) is not { } head)
        {
            return null;
        }

        var (x, y) = (new float[head.Rows], new float[head.Rows]);
        stream.ReadExactly(MemoryMarshal.AsBytes(x.AsSpan()));
        stream.ReadExactly(MemoryMarshal.AsBytes(y.AsSpan()));
        var values = head.Columns.Select(_ => new byte[head.Rows]).ToList();
        foreach (var column in values)
        {
            stream.ReadExactly(column);
        }

        return new VersionMap(head, x, y, values);
    }

    /// <summary>The head alone; null where there is none, or one of an earlier program.</summary>
    public static MapHead? ReadHead(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        return ReadHead(stream);
    }

    /// <summary>Positions of the rows that lie in an area.</summary>
    public IReadOnlyList<long> In(MapArea area)
    {
        ArgumentNullException.ThrowIfNull(area);
        var clusters = Values[0]; // the first column
        return
        [
            .. Enumerable
                .Range(0, Head.Rows)
                .Where(row => area.Cluster is { } cluster ? clusters[row] == cluster && !float.IsNaN(X[row]) : area.Holds(X[row], Y[row]))
                .Select(row => (long)row),
        ];
    }

    private static MapHead? ReadHead(Stream stream)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        stream.ReadExactly(length);
        var json = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        stream.ReadExactly(json);
        var head = JsonSerializer.Deserialize<MapHead>(json, ProtocolJson.Line);
        return head?.Version == Format ? head : null;
    }
}
