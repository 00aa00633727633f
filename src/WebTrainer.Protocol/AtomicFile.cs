namespace WebTrainer.Protocol;

/// <summary>Writes files so that what exists under its name is whole: temporary name, flush to disk, rename.</summary>
public static class AtomicFile
{
    /// <exception cref="IOException">The disk is full or the folder can't be written; the old file is untouched.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Writes text as UTF-8 without a byte order mark, as <see cref="Write"/> does: whole or not at all.</summary>
    /// <exception cref="IOException">The disk is full or the folder can't be written; the old file is untouched.</exception>
    public static void WriteAllText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
