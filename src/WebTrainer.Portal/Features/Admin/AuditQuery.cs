using WebTrainer.Domain.Audit;

namespace WebTrainer.Portal.Features.Admin;

/// <summary>Which acts are asked for; what is null keeps all.</summary>
/// <param name="Text">Part of the action, of who did it, or of what it was done to.</param>
/// <param name="Person">Name of who did it.</param>
/// <param name="Kind">What it was done to, as the action begins: <c>run</c>.</param>
/// <param name="From">The first day, in the server's time.</param>
/// <param name="To">The last day, itself included.</param>
public sealed record AuditQuery(string? Text = null, string? Person = null, string? Kind = null, DateOnly? From = null, DateOnly? To = null)
{
    public IQueryable<AuditEntry> Of(IQueryable<AuditEntry> entries)
    {
        if (!string.IsNullOrWhiteSpace(Text))
        {
            entries = entries.Where(e => e.Action.Contains(Text) || e.UserName.Contains(Text) || e.Subject.Contains(Text));
        }

        if (!string.IsNullOrEmpty(Person))
        {
            entries = entries.Where(e => e.UserName == Person);
        }

        if (!string.IsNullOrEmpty(Kind))
        {
            entries = entries.Where(e => e.Action.StartsWith(Kind + "."));
        }

        if (From is { } from)
        {
            var start = Start(from);
            entries = entries.Where(e => e.At >= start);
        }

        if (To is { } to)
        {
            var end = Start(to.AddDays(1));
            entries = entries.Where(e => e.At < end);
        }

        return entries;
    }

    private static DateTimeOffset Start(DateOnly day) =>
        new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Local)).ToUniversalTime();
}
