using System.Security.Cryptography;
using System.Text;
using WebTrainer.Domain.Access;

namespace WebTrainer.Portal.Access;

/// <summary>
/// The one-time link by which the first administrator makes their account. Lives as long as the process and no user exists.
/// </summary>
public sealed class SetupLink
{
    private string? _hash;

    /// <summary>A new token; an earlier one ends.</summary>
    public string Issue()
    {
        var token = SecretToken.Create();
        _hash = SecretToken.Hash(token);
        return token;
    }

    public bool Accepts(string token) =>
        _hash is { } hash
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(SecretToken.Hash(token)));

    public void Close() => _hash = null;
}
