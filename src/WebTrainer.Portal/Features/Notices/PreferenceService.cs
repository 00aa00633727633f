using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MimeKit;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Notices;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>How a person wants to be told by mail.</summary>
/// <param name="Address">Empty for no mail.</param>
/// <param name="QuietFrom">Time of the day from which nothing is sent; null for no quiet hours.</param>
/// <param name="TimeZone">An IANA name, such as <c>Europe/Berlin</c>.</param>
public sealed record MailWishes(
    string Address,
    IReadOnlyList<NoticeTopic> Topics,
    TimeOnly? QuietFrom = null,
    TimeOnly? QuietUntil = null,
    string TimeZone = "UTC"
);

/// <param name="ServerSends">Whether this server sends mail at all.</param>
public sealed record PreferenceView(MailWishes Wishes, bool ServerSends);

/// <summary>What each person wants to be told by mail, and when not.</summary>
public sealed class PreferenceService(Authorizer authorizer, IOptions<NoticeOptions> options)
{
    private static readonly MailWishes s_none = new("", [.. Enum.GetValues<NoticeTopic>()]);

    public async Task<PreferenceView> GetAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenOwnAsync(caller, TokenScopes.Read, cancellationToken);
        var mine = await work.Db.NoticePreferences.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == caller.UserId, cancellationToken);
        return new(mine is null ? s_none : Of(mine), options.Value.Mail.IsOn);
    }

    public async Task SetAsync(Caller caller, MailWishes wishes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wishes);
        await using var work = await authorizer.OpenOwnAsync(caller, TokenScopes.WriteData, cancellationToken);
        var address = AddressOf(wishes.Address);
        var mine = await work.Db.NoticePreferences.SingleOrDefaultAsync(p => p.UserId == caller.UserId, cancellationToken);
        if (mine is null)
        {
            mine = new NoticePreference(caller.UserId);
            work.Db.NoticePreferences.Add(mine);
        }

        mine.Set(address, wishes.Topics, Minute(wishes.QuietFrom), Minute(wishes.QuietUntil), wishes.TimeZone.Trim());
        work.Audit("notice.wishes-set", caller.UserId, null, new { ByMail = address.Length > 0, mine.Topics });
        await work.SaveAsync(cancellationToken);
    }

    private static string AddressOf(string text)
    {
        text = text.Trim();
        return text.Length == 0 ? ""
            : MailboxAddress.TryParse(text, out var address) && address.Address.Contains('@', StringComparison.Ordinal) ? address.Address
            : throw new RuleViolationException($"'{text}' is no mail address. Write it as ada@example.org, or nothing for no mail.");
    }

    private static MailWishes Of(NoticePreference mine) =>
        new(mine.Address, mine.Topics, Time(mine.QuietFrom), Time(mine.QuietUntil), mine.TimeZone);

    private static int? Minute(TimeOnly? time) => time is { } given ? (given.Hour * 60) + given.Minute : null;

    private static TimeOnly? Time(int? minute) => minute is { } given ? new TimeOnly(given / 60, given % 60) : null;
}
