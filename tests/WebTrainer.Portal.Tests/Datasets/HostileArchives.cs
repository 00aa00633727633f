using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>Archives as an attacker writes them.</summary>
internal static class HostileArchives
{
    public static byte[] Zip(params (string Path, byte[] Content)[] files)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content) in files)
            {
                using var entry = archive.CreateEntry(path).Open();
                entry.Write(content);
            }
        }

        return packed.ToArray();
    }

    /// <summary>
    /// A list of so many empty files, written by hand: the honest one says their number in the 64-bit record, the other says one.
    /// </summary>
    public static byte[] ManyEntries(int count, bool honest)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        for (var i = 0; i < count; i++)
        {
            var name = Encoding.ASCII.GetBytes(i.ToString("x5", CultureInfo.InvariantCulture));
            writer.Write(0x02014B50u);
            writer.Write(new byte[24]);
            writer.Write((ushort)name.Length);
            writer.Write(new byte[16]);
            writer.Write(name);
        }

        var size = file.Length;
        if (honest)
        {
            writer.Write(0x06064B50u);
            writer.Write(44L);
            writer.Write(new byte[12]);
            writer.Write((long)count);
            writer.Write((long)count);
            writer.Write(size);
            writer.Write(0L);
            writer.Write(0x07064B50u);
            writer.Write(0);
            writer.Write(size);
            writer.Write(1);
        }

        writer.Write(0x06054B50u);
        writer.Write(0);
        writer.Write(honest ? ushort.MaxValue : (ushort)1);
        writer.Write(honest ? ushort.MaxValue : (ushort)1);
        writer.Write((uint)size);
        writer.Write(honest ? uint.MaxValue : 0u);
        writer.Write((ushort)0);
        writer.Flush();
        // Uploads are told apart by their first bytes: a local file comes first in an archive.
        return [.. "PK\x03\x04"u8, .. new byte[26], .. Shifted(file.ToArray(), 30, honest)];
    }

    /// <summary>Offsets count from the beginning of the file, before which a local header was set.</summary>
    private static byte[] Shifted(byte[] archive, int by, bool honest)
    {
        if (honest)
        {
            var end = archive.Length - 22 - 20 - 56;
            BitConverter.TryWriteBytes(archive.AsSpan(end + 48), (long)by);
            BitConverter.TryWriteBytes(archive.AsSpan(end + 56 + 8), (long)(end + by));
        }
        else
        {
            BitConverter.TryWriteBytes(archive.AsSpan(archive.Length - 6), by);
        }

        return archive;
    }
}
