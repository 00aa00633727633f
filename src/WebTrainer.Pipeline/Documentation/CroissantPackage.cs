using System.IO.Compression;
using System.Text;

namespace WebTrainer.Pipeline.Documentation;

/// <summary>
/// A dataset version for those who can't reach this server: a ZIP archive with its description as Croissant, its card, and the rows that
/// both speak of, found from the description by a relative address, as its readers resolve it.
/// </summary>
public static class CroissantPackage
{
    /// <summary>The description as <see cref="Croissant.Write"/> makes it, at the top of the archive.</summary>
    public const string DescriptionFile = "croissant.json";

    /// <summary>The card, under the name that model hubs show first.</summary>
    public const string CardFile = "README.md";

    /// <summary>The rows, by which the description finds them.</summary>
    public const string RowsFile = "data/rows.parquet";

    /// <summary>Writes the archive as it goes, whatever the version's size.</summary>
    /// <param name="output">Needs no seeking; stays open.</param>
    /// <param name="rows">Path of the version's Parquet file.</param>
    /// <param name="url">Address of the version's page.</param>
    /// <exception cref="IOException">The rows can't be read, or nobody takes what is written.</exception>
    public static async Task WriteAsync(Stream output, DatasetFacts facts, string rows, string url, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(facts);
        await using var archive = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, null, cancellationToken);
        await AddAsync(archive, DescriptionFile, Croissant.Write(facts, url, RowsFile), cancellationToken);
        await AddAsync(archive, CardFile, DatasetCard.Write(facts), cancellationToken);
        await using var from = File.OpenRead(rows);
        await using var to = await archive.CreateEntry(RowsFile, CompressionLevel.NoCompression).OpenAsync(cancellationToken); // is packed
        await from.CopyToAsync(to, cancellationToken);
    }

    private static async Task AddAsync(ZipArchive archive, string name, string text, CancellationToken cancellationToken)
    {
        await using var entry = await archive.CreateEntry(name).OpenAsync(cancellationToken);
        await entry.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
    }
}
