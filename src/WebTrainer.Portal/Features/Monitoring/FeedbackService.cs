using System.Globalization;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>What callers say of answers.</summary>
public sealed class FeedbackService(IDbContextFactory<AppDb> databases, DataFolder folder, TrafficLog log, TimeProvider time)
{
    private readonly TrafficFiles _files = new(folder.Traffic);

    /// <summary>Takes what a key's program says of an answer that the key could have got.</summary>
    /// <param name="good">See <see cref="Feedback.Good"/>, and so on.</param>
    /// <exception cref="NotFoundException">No endpoint that the key reaches has given such an answer.</exception>
    public async Task SayAsync(
        Guid projectId,
        KeyBounds bounds,
        string requestId,
        bool? good,
        double? score,
        string? corrected,
        string? comment,
        CancellationToken cancellationToken
    )
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var deployments = await db.Deployments.Where(d => d.ProjectId == projectId).Select(d => d.Id).ToListAsync(cancellationToken);
        log.Write();
        var (endpoint, record) = deployments
            .Where(bounds.Reaches)
            .Select(id => (id, Find(id, requestId)))
            .FirstOrDefault(found => found.Item2 is not null);
        if (record is null)
        {
            throw new NotFoundException($"There is no answer '{requestId}', or its record is no longer kept.");
        }

        var feedback = await db.Feedbacks.FindAsync([endpoint, record.Id], cancellationToken);
        if (feedback is null)
        {
            db.Feedbacks.Add(feedback = new Feedback(endpoint, record.Id, record.Version));
        }

        feedback.Say(good, score, corrected, comment, time.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Ids hold the time at which they were made, so that one file of rows is looked through.</summary>
    private TrafficRecord? Find(Guid endpoint, string requestId)
    {
        if (TimeOf(requestId) is not { } at)
        {
            return null;
        }

        // the record's hour is that of its beginning, a moment after the id was made
        return new[] { at, at.AddSeconds(5) }
            .Select(time => _files.Rows(endpoint, time))
            .Distinct()
            .Where(File.Exists)
            .SelectMany(TrafficFiles.Read)
            .FirstOrDefault(r => r.Id == requestId);
    }

    /// <summary>Of an id that ends with a UUID of version 7 (RFC 9562): its first 48 bits are milliseconds.</summary>
    private static DateTimeOffset? TimeOf(string id) =>
        id.LastIndexOf('-') is var dash
        && id.Length - dash - 1 == 32
        && long.TryParse(id.AsSpan(dash + 1, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
}
