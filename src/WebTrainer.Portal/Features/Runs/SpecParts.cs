using System.Security.Cryptography;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Jobs.Queue;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>What specs of several kinds have in them.</summary>
public sealed class SpecParts(FileStore files, Devices devices)
{
    /// <summary>The files of a published version, with the general text that lies beside the model.</summary>
    public DatasetFiles DataOf(DatasetVersion version, BaseModel model) =>
        PublishedFiles.Of(version, files) with
        {
            General = GeneralOf(model),
        };

    /// <summary>The device, where this server has it.</summary>
    /// <exception cref="RuleViolationException">It hasn't.</exception>
    public string Known(string device) =>
        devices.Has(device)
            ? device
            : throw new RuleViolationException(
                $"The device is '{device}'; this server has {string.Join(", ", devices.Choices.Select(choice => choice.Name))}."
            );

    private static DatasetFile? GeneralOf(BaseModel model)
    {
        if (ModelCatalog.GeneralTextOf(model) is not { } path)
        {
            return null;
        }

        using var stream = File.OpenRead(path);
        return new DatasetFile(path, Convert.ToHexStringLower(SHA256.HashData(stream)), 0);
    }
}
