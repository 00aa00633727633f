using System.IO.Compression;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>What a sync brought, as the one file that is kept as its evidence.</summary>
public static class Fetching
{
    /// <returns>The file itself; of several, a ZIP archive beside them. Their times don't count, so that the same files give the same
    /// bytes.</returns>
    public static async Task<FetchedFile> AsOneAsync(
        IReadOnlyList<FetchedFile> files,
        string folder,
        string name,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(files);
        if (files.Count == 1)
        {
            return files[0];
        }

        var path = Path.Combine(folder, "all.zip");
        await using var archive = await ZipFile.OpenAsync(path, ZipArchiveMode.Create, cancellationToken);
        foreach (var file in files)
        {
            var entry = archive.CreateEntry(file.Name, CompressionLevel.Fastest);
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            await using var from = File.OpenRead(file.Path);
            await using var to = await entry.OpenAsync(cancellationToken);
            await from.CopyToAsync(to, cancellationToken);
        }

        return new FetchedFile(path, name + ".zip");
    }
}
