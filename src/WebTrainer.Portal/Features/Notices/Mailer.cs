using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using WebTrainer.Domain.Notices;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>Sends notices by mail, as plain text.</summary>
public sealed class Mailer(IOptions<NoticeOptions> options)
{
    /// <summary>Milliseconds in which the mail server must answer each word.</summary>
    private const int TimeoutMilliseconds = 20_000;

    /// <summary>From this reply on (RFC 5321, 4.2.1) the mail server says that no other try will help.</summary>
    private const int Permanent = 500;

    /// <returns>Null where the mail server has taken it.</returns>
    public async Task<SendProblem?> SendAsync(string address, Delivery delivery, CancellationToken cancellationToken)
    {
        var mail = options.Value.Mail;
        if (!mail.IsOn)
        {
            return new("This server sends no mail. An administrator sets Notices:Mail:Host.", IsFinal: true);
        }

        if (!MailboxAddress.TryParse(address, out var receiver))
        {
            return new("Their mail address is none. They write it anew on the page Your notices.", IsFinal: true);
        }

        using var message = Message(mail, receiver, delivery);
        try
        {
            using var client = new SmtpClient { Timeout = TimeoutMilliseconds };
            await client.ConnectAsync(mail.Host, mail.Port, OptionsOf(mail.Security), cancellationToken);
            if (mail.UserName.Length > 0)
            {
                await client.AuthenticateAsync(mail.UserName, mail.Password, cancellationToken);
            }

            await client.SendAsync(message, cancellationToken);
            await client.DisconnectAsync(quit: true, cancellationToken);
            return null;
        }
        catch (SmtpCommandException e)
        {
            var isReceiver = e.ErrorCode == SmtpErrorCode.RecipientNotAccepted;
            return new($"The mail server refused it: {e.Message}", isReceiver && (int)e.StatusCode >= Permanent);
        }
        catch (Exception e)
            when (e
                    is SocketException
                        or IOException
                        or TimeoutException
                        or AuthenticationException
                        or SslHandshakeException
                        or ProtocolException
                        or NotSupportedException // it offers no STARTTLS
            )
        {
            return new($"The mail server can't be reached or does not let this server in: {e.Message}");
        }
    }

    private static MimeMessage Message(MailOptions mail, MailboxAddress receiver, Delivery delivery)
    {
        var message = new MimeMessage
        {
            Subject = delivery.Subject,
            Body = new TextPart("plain") { Text = delivery.Body },
        };
        message.From.Add(MailboxAddress.Parse(mail.From));
        message.To.Add(receiver);
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: nobody's absence is answered to it
        message.MessageId = $"{delivery.Id:N}.{delivery.Tries}@webtrainer"; // one try is one mail, whoever passes it on
        return message;
    }

    private static SecureSocketOptions OptionsOf(MailSecurity security) =>
        security switch
        {
            MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
            MailSecurity.None => SecureSocketOptions.None,
            _ => SecureSocketOptions.StartTls,
        };
}
