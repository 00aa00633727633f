using System.Buffers.Binary;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// The list of files in a ZIP archive (APPNOTE 6.3.10), walked through without keeping it: the framework makes an object of each entry
/// before anybody can say that they are too many.
/// </summary>
public static class ZipDirectory
{
    private const uint EndSignature = 0x06054B50,
        LocatorSignature = 0x07064B50,
        EntrySignature = 0x02014B50;
    private const int EndBytes = 22,
        LocatorBytes = 20,
        EndOf64Bytes = 56,
        EntryBytes = 46;

    /// <summary>Bytes that a comment behind the archive may have.</summary>
    private const int MostCommentBytes = ushort.MaxValue;

    private const int BufferBytes = 256 * 1024;

    /// <summary>Counts entries as they stand there, whatever the archive says of their number.</summary>
    /// <param name="path">Of the archive.</param>
    /// <param name="most">Counting ends beyond this.</param>
    /// <returns>The number, or one more than <paramref name="most"/>; 0 where the file has no such list.</returns>
    public static long CountEntries(string path, long most)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        if (Begin(file) is not { } at)
        {
            return 0;
        }

        file.Position = at;
        Span<byte> head = stackalloc byte[EntryBytes];
        long count = 0;
        while (
            count <= most
            && file.ReadAtLeast(head, EntryBytes, throwOnEndOfStream: false) == EntryBytes
            && BinaryPrimitives.ReadUInt32LittleEndian(head) == EntrySignature
        )
        {
            count++;
            file.Position +=
                BinaryPrimitives.ReadUInt16LittleEndian(head[28..])
                + BinaryPrimitives.ReadUInt16LittleEndian(head[30..])
                + BinaryPrimitives.ReadUInt16LittleEndian(head[32..]);
        }

        return count;
    }

    private static long? Begin(FileStream file)
    {
        var tail = new byte[(int)Math.Min(file.Length, EndBytes + MostCommentBytes + LocatorBytes)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        for (var i = tail.Length - EndBytes; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) != EndSignature)
            {
                continue;
            }

            var offset = (long)BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i + 16));
            var large = i >= LocatorBytes && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i - LocatorBytes)) == LocatorSignature;
            return large
                ? BeginOf64(file, BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(i - LocatorBytes + 8)))
                : Inside(file, offset);
        }

        return null;
    }

    private static long? BeginOf64(FileStream file, long end)
    {
        if (end < 0 || end > file.Length - EndOf64Bytes)
        {
            return null;
        }

        Span<byte> record = stackalloc byte[EndOf64Bytes];
        file.Position = end;
        file.ReadExactly(record);
        return Inside(file, BinaryPrimitives.ReadInt64LittleEndian(record[48..]));
    }

    private static long? Inside(FileStream file, long offset) => offset >= 0 && offset < file.Length ? offset : null;
}
