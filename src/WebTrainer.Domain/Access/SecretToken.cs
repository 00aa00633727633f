using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Domain.Access;

/// <summary>Random tokens for links and keys. Shown once; only the hash is stored.</summary>
/// <remarks>A plain SHA-256 is enough here: the token has 256 random bits, so there is nothing to guess.</remarks>
public static class SecretToken
{
    private const int TokenBytes = 32;

    /// <param name="prefix">Says what kind it is, so that a leaked one can be recognised: <c>wtk_</c>, <c>wtp_</c>.</param>
    public static string Create(string prefix = "") => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>SHA-256 of the UTF-8 bytes, as lower-case hex.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
