namespace WebTrainer.Domain.Notices;

/// <summary>How one person wants to be told by mail; who has none is told in the portal alone.</summary>
public sealed class NoticePreference
{
    /// <summary>Of an address (RFC 5321, 4.5.3.1.3, without its brackets).</summary>
    public const int MaxAddressLength = 254;

    private const int MinutesADay = 24 * 60;

    /// <summary>User id of whose it is; one a person.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>Mail address, as they gave it; nobody has checked that it is theirs.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Of what they are told.</summary>
    public List<NoticeTopic> Topics { get; private set; } = [];

    /// <summary>Minute of the day, 0 to 1439, from which nothing is sent; null for no quiet hours.</summary>
    public int? QuietFrom { get; private set; }

    /// <summary>Minute of the day up to which nothing is sent, of the next day where it is before <see cref="QuietFrom"/>.</summary>
    public int? QuietUntil { get; private set; }

    /// <summary>Where the person's day is: an IANA name, such as <c>Europe/Berlin</c>.</summary>
    public string TimeZone { get; private set; } = "UTC";

    private NoticePreference() { }

    /// <summary>A person who is told nothing yet.</summary>
    public NoticePreference(string userId) => UserId = userId;

    /// <param name="address">Checked by the caller to be one.</param>
    /// <exception cref="RuleViolationException">The times or the zone can't be.</exception>
    public void Set(string address, IEnumerable<NoticeTopic> topics, int? quietFrom, int? quietUntil, string timeZone)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Length > MaxAddressLength)
        {
            throw new RuleViolationException($"A mail address has at most {MaxAddressLength} characters.");
        }

        if (
            quietFrom is null != quietUntil is null
            || quietFrom is < 0 or >= MinutesADay
            || quietUntil is < 0 or >= MinutesADay
            || (quietFrom is not null && quietFrom == quietUntil)
        )
        {
            throw new RuleViolationException("Quiet hours go from one time of the day to another, or there are none.");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out _))
        {
            throw new RuleViolationException($"'{timeZone}' is no time zone. Write one as Europe/Berlin or UTC.");
        }

        (Address, QuietFrom, QuietUntil, TimeZone) = (address, quietFrom, quietUntil, timeZone);
        Topics = [.. topics.Distinct().Order()];
    }

    /// <summary>When something may be sent: now, or when the quiet hours that it falls in are over.</summary>
    public DateTimeOffset NotBefore(DateTimeOffset now)
    {
        if (QuietFrom is not { } from || QuietUntil is not { } until || !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone))
        {
            return now;
        }

        var minute = TimeZoneInfo.ConvertTime(now, zone).TimeOfDay.TotalMinutes;
        var isQuiet = from < until ? minute >= from && minute < until : minute >= from || minute < until;
        return isQuiet ? now.AddMinutes((until - minute + MinutesADay) % MinutesADay) : now;
    }
}
