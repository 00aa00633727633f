using System.Text.Json;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>The files of a published version, as workers of this server find them.</summary>
public static class PublishedFiles
{
    /// <exception cref="RuleViolationException">The version is not published.</exception>
    public static DatasetFiles Of(DatasetVersion version, FileStore store)
    {
        if (version.Snapshot is null)
        {
            throw new RuleViolationException(
                "This dataset version is not published. Publish it first; only published versions are trained on."
            );
        }

        var files =
            JsonSerializer.Deserialize<DatasetFiles>(version.Snapshot, ProtocolJson.Line)
            ?? throw new InvalidDataException($"The published version {version.Id} has no files.");
        return files with
        {
            Train = Here(files.Train),
            Validation = Here(files.Validation),
            Test = Here(files.Test),
            General = Here(files.General),
        };

        // Stored paths are absolute; made anew from the hashes, they hold after the data folder was moved or restored elsewhere.
        DatasetFile? Here(DatasetFile? file) => file is null ? null : file with { Path = store.PathOf(file.Sha256) };
    }
}
