namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>What keeps foreign files from taking more than they may.</summary>
internal static class Bounds
{
    /// <summary>Readers of documents hold them whole.</summary>
    public static void RefuseLargeDocument(long bytes, string name, ImportLimits limits)
    {
        if (bytes > limits.MaxDocumentBytes)
        {
            throw new DataProblemException(
                $"'{name}' has {bytes / 1024 / 1024:N0} MiB; documents of up to {limits.MaxDocumentBytes / 1024 / 1024:N0} MiB are read."
            );
        }
    }

    /// <summary>Runs a reader of foreign bytes: whatever it finds wrong with them is the file's fault, said in a sentence.</summary>
    public static T Read<T>(string name, string kind, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e is not (DataProblemException or OperationCanceledException or IOException { HResult: DiskFull } or OutOfMemoryException)
            )
        {
            throw new DataProblemException(
                $"'{name}' is a {kind} that can't be read; it may be damaged or protected by a password.",
                cause: e
            );
        }
    }

    /// <summary>Copies what is unpacked, and stops as soon as it is more than the file may hold.</summary>
    /// <param name="packedBytes">Size of what it is unpacked from.</param>
    public static async Task CopyAsync(
        Stream from,
        Stream to,
        long packedBytes,
        string name,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        var buffer = new byte[BufferBytes];
        long total = 0;
        int read;
        while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
        {
            total += read;
            RefuseBomb(total, packedBytes, name, limits);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    public static void RefuseBomb(long unpackedBytes, long packedBytes, string name, ImportLimits limits)
    {
        if (
            unpackedBytes > limits.MaxFileBytes
            || (unpackedBytes > limits.UnpackedBytesAnyRatio && unpackedBytes / Math.Max(1, packedBytes) > limits.MaxUnpackRatio)
        )
        {
            throw new DataProblemException(
                $"'{name}' unpacks to far more than its size lets expect, as files do that are made to fill disks. Nothing of it was kept."
            );
        }
    }

    private const int BufferBytes = 128 * 1024;

    /// <summary>ENOSPC, as .NET gives it on Linux: the server's fault, not the file's.</summary>
    private const int DiskFull = 28;
}
