using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Notices;
using WebTrainer.Pipeline;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>The keys of webhooks' signatures: encrypted in the database, each for its own webhook, and shown once.</summary>
public sealed class WebhookSecrets(IDataProtectionProvider protection)
{
    private const string Purpose = "WebTrainer.Webhooks";

    /// <summary>Gives a webhook a new key; what is sent from now on is signed with it.</summary>
    /// <returns>The key, to be shown this once.</returns>
    public string Renew(Webhook webhook)
    {
        var secret = SecretToken.Create();
        webhook.SignWith(ProtectorOf(webhook.Id).Protect(secret));
        return secret;
    }

    /// <summary>
    /// The signature of a body: lower-case hex of HMAC-SHA256 (RFC 2104) over the moment, a point and the body, so that an old body
    /// can't be sent again as a new one.
    /// </summary>
    /// <param name="timestamp">Seconds since 1970, as they are sent.</param>
    /// <exception cref="DataProblemException">The server's keys are not those that encrypted the webhook's.</exception>
    public string Sign(Webhook webhook, string timestamp, string body) => Sign(Read(webhook), timestamp, body);

    /// <summary>As the other, with the key itself.</summary>
    public static string Sign(string secret, string timestamp, string body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}.{body}")));

    private string Read(Webhook webhook)
    {
        try
        {
            return ProtectorOf(webhook.Id).Unprotect(webhook.Secret);
        }
        catch (CryptographicException e)
        {
            throw new DataProblemException(
                "The webhook's key can't be read: this server has other keys than when it was made. Make a new one on the page Notices.",
                cause: e
            );
        }
    }

    private IDataProtector ProtectorOf(Guid webhookId) => protection.CreateProtector(Purpose, webhookId.ToString());
}
