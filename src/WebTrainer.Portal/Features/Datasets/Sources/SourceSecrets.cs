using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;

namespace WebTrainer.Portal.Features.Datasets.Sources;

/// <summary>Credentials as they lie in the database: encrypted with the server's keys, each for its own source.</summary>
public sealed class SourceSecrets(IDataProtectionProvider protection)
{
    private const string Purpose = "WebTrainer.Sources";

    public string? Protect(Guid sourceId, SourceSecret secret) =>
        secret == new SourceSecret() ? null : ProtectorOf(sourceId).Protect(RecipeJson.Write(secret));

    /// <exception cref="DataProblemException">The server's keys are not those that encrypted it.</exception>
    public SourceSecret Read(DataSource source)
    {
        if (source.Secret is null)
        {
            return new SourceSecret();
        }

        try
        {
            return RecipeJson.Read<SourceSecret>(ProtectorOf(source.Id).Unprotect(source.Secret))!;
        }
        catch (CryptographicException e)
        {
            throw new DataProblemException(
                $"The credentials of {source.Name} can't be read: this server has other keys than when they were given. Give them again.",
                cause: e
            );
        }
    }

    private IDataProtector ProtectorOf(Guid sourceId) => protection.CreateProtector(Purpose, sourceId.ToString());
}
