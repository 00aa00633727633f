using System.ComponentModel.DataAnnotations;
using MimeKit;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>Settings of section <c>Notices</c>.</summary>
public sealed class NoticeOptions : IValidatableObject
{
    public const string Section = "Notices";

    /// <summary>By which people reach the portal, such as <c>https://webtrainer.example.org</c>: links in notices begin so.</summary>
    public string PortalAddress { get; set; } = "";

    /// <summary>Seconds in which a webhook must answer.</summary>
    [Range(1, 300)]
    public int WebhookTimeoutSeconds { get; set; } = 10;

    /// <summary>Webhooks of a project at most.</summary>
    [Range(1, 1000)]
    public int WebhooksOfProject { get; set; } = 20;

    /// <summary>By which mail is sent; off where it has no host.</summary>
    public MailOptions Mail { get; init; } = new();

    /// <param name="path">Of a page: <c>/p/…</c>.</param>
    /// <returns>The page's address; its path alone where nobody has said by which address the portal is reached.</returns>
    public string LinkTo(string path) => PortalAddress.TrimEnd('/') + path;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            PortalAddress.Length > 0
            && !(Uri.TryCreate(PortalAddress, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        )
        {
            yield return Wrong(nameof(PortalAddress), $"'{PortalAddress}' is no address. Write it as https://webtrainer.example.org.");
        }

        if (!Mail.IsOn)
        {
            yield break;
        }

        if (PortalAddress.Length == 0)
        {
            yield return Wrong(nameof(PortalAddress), "mail is sent with links to pages. Say by which address people reach the portal.");
        }

        if (!MailboxAddress.TryParse(Mail.From, out var from) || !from.Address.Contains('@', StringComparison.Ordinal))
        {
            yield return Wrong("Mail:From", $"'{Mail.From}' is no mail address. Write it as WebTrainer <webtrainer@example.org>.");
        }

        if (Mail.Port is < 1 or > 65_535)
        {
            yield return Wrong("Mail:Port", $"{Mail.Port} is no port. It lies between 1 and 65535; 587 is usual.");
        }

        if (Mail.UserName.Length > 0 && Mail.Security == MailSecurity.None)
        {
            yield return Wrong(
                "Mail:Security",
                "with a user name the password would go over the network as it is. Set StartTls or Tls, or take the user name away."
            );
        }
    }

    private static ValidationResult Wrong(string setting, string what) => new($"{Section}:{setting}: {what}", [setting]);
}

/// <summary>How the way to the mail server is protected.</summary>
public enum MailSecurity
{
    /// <summary>Encrypted after a first word, or not at all sent (usual at port 587).</summary>
    StartTls,

    /// <summary>Encrypted from the beginning (usual at port 465).</summary>
    Tls,

    /// <summary>Not encrypted: for a mail server on the same machine.</summary>
    None,
}

/// <summary>The mail server that takes notices.</summary>
public sealed class MailOptions
{
    /// <summary>Name or address; empty for no mail.</summary>
    public string Host { get; set; } = "";

    public int Port { get; set; } = 587;

    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>Empty where it asks for none.</summary>
    public string UserName { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>Whom notices come from: <c>WebTrainer &lt;webtrainer@example.org&gt;</c>.</summary>
    public string From { get; set; } = "";

    /// <summary>Whether mail is sent at all.</summary>
    public bool IsOn => Host.Length > 0;
}
