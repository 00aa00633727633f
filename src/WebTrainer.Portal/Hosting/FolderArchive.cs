using System.IO.Compression;
using System.Text;

namespace WebTrainer.Portal.Hosting;

/// <summary>Sends the files of a folder as a ZIP archive, written while it is sent.</summary>
internal static class FolderArchive
{
    /// <param name="folder">Whose files are sent, not compressed: weights can't be.</param>
    /// <param name="name">Of the archive.</param>
    /// <param name="text">A file that stands in the archive beside them, or in the place of one.</param>
    public static async Task SendAsync(
        HttpContext http,
        string folder,
        string name,
        (string Name, string Content)? text,
        CancellationToken cancellationToken
    )
    {
        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        await using var body = http.Response.BodyWriter.AsStream();
        await using var archive = await ZipArchive.CreateAsync(
            body,
            ZipArchiveMode.Create,
            leaveOpen: true,
            entryNameEncoding: null,
            cancellationToken
        );
        foreach (
            var file in Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) != text?.Name).Order(StringComparer.Ordinal)
        )
        {
            await archive.CreateEntryFromFileAsync(file, Path.GetFileName(file), CompressionLevel.NoCompression, cancellationToken);
        }

        if (text is { } own)
        {
            await using var entry = await archive.CreateEntry(own.Name).OpenAsync(cancellationToken);
            await entry.WriteAsync(Encoding.UTF8.GetBytes(own.Content), cancellationToken);
        }
    }
}
