using System.Text.Json;

namespace WebTrainer.Portal.Hosting.Backups;

/// <summary>A file of a backup.</summary>
/// <param name="Path">Relative to the data folder, parted by <c>/</c>.</param>
/// <param name="Sha256">Of its bytes, lower-case hex.</param>
public sealed record BackupFile(string Path, long Bytes, string Sha256);

/// <summary>What a backup holds: its last entry, <see cref="Name"/>.</summary>
/// <param name="Format">Of the archive; this program knows <see cref="KnownFormat"/>.</param>
/// <param name="MadeAt">The moment of the database in it.</param>
public sealed record BackupManifest(int Format, DateTimeOffset MadeAt, IReadOnlyList<BackupFile> Files)
{
    public const string Name = "manifest.json";
    public const int KnownFormat = 1;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <exception cref="JsonException">It is none.</exception>
    public static BackupManifest Read(Stream stream) =>
        JsonSerializer.Deserialize<BackupManifest>(stream, s_json) is { Files: not null } manifest
        && manifest.Files.All(file => file is { Path: not null, Sha256: not null })
            ? manifest
            : throw new JsonException("The manifest names no files.");
}
