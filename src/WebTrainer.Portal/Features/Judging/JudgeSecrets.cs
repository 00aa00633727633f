using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using WebTrainer.Domain.Judging;
using WebTrainer.Pipeline;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>Endpoints' keys as they lie in the database: encrypted with the server's keys, each for its own judge.</summary>
public sealed class JudgeSecrets(IDataProtectionProvider protection)
{
    private const string Purpose = "WebTrainer.Judges";

    public string Protect(Guid judgeId, string key) => ProtectorOf(judgeId).Protect(key);

    /// <returns>Null where it has none.</returns>
    /// <exception cref="DataProblemException">The server's keys are not those that encrypted it.</exception>
    public string? Read(Judge judge)
    {
        if (judge.Secret is null)
        {
            return null;
        }

        try
        {
            return ProtectorOf(judge.Id).Unprotect(judge.Secret);
        }
        catch (CryptographicException e)
        {
            throw new DataProblemException(
                $"The key of {judge.Name} can't be read: this server has other keys than when it was given. Give it again.",
                cause: e
            );
        }
    }

    private IDataProtector ProtectorOf(Guid judgeId) => protection.CreateProtector(Purpose, judgeId.ToString());
}
