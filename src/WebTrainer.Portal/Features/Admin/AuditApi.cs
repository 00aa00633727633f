using System.Globalization;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Description;

namespace WebTrainer.Portal.Features.Admin;

/// <summary>The audit log as a file.</summary>
public static class AuditApi
{
    public static void MapAuditApi(this RouteGroupBuilder api)
    {
        api.MapGet("/projects/{projectId:guid}/audit.csv", ProjectAsync)
            .GivesFile("text/csv")
            .WithTags("Audit")
            .WithSummary("The project's audit log as CSV, latest first");
        api.MapGet("/server/audit.csv", ServerAsync)
            .GivesFile("text/csv")
            .WithTags("Audit")
            .WithSummary("The server's audit log as CSV, latest first, for administrators");
    }

    private static Task ProjectAsync(
        Guid projectId,
        [AsParameters] AuditFilter filter,
        AuditLog log,
        HttpContext http,
        CancellationToken cancellationToken
    ) => WriteAsync(log, projectId, filter, http, cancellationToken);

    private static Task ServerAsync(
        [AsParameters] AuditFilter filter,
        AuditLog log,
        HttpContext http,
        CancellationToken cancellationToken
    ) => WriteAsync(log, null, filter, http, cancellationToken);

    private static async Task WriteAsync(
        AuditLog log,
        Guid? projectId,
        AuditFilter filter,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var rows = log.ExportAsync(Caller.From(http.User), projectId, filter.Query, cancellationToken);
        await using var reader = rows.GetAsyncEnumerator(cancellationToken);
        await reader.MoveNextAsync(); // a refusal comes before the first byte
        http.Response.ContentType = CsvFile.ContentType;
        http.Response.Headers.ContentDisposition = "attachment; filename=audit.csv";
        await using var writer = new StreamWriter(http.Response.Body, CsvFile.Encoding, leaveOpen: true) { NewLine = "\n" };
        do
        {
            await writer.WriteLineAsync(CsvFile.Line(reader.Current));
        } while (await reader.MoveNextAsync());
    }
}

/// <summary>A query as addresses hold it.</summary>
/// <param name="Filter">Part of the action, of who did it, or of what it was done to.</param>
/// <param name="Person">Name of who did it.</param>
/// <param name="Kind">What it was done to: <c>run</c>.</param>
/// <param name="From">The first day: <c>2026-11-29</c>.</param>
/// <param name="To">The last day, itself included.</param>
public sealed record AuditFilter(string? Filter, string? Person, string? Kind, DateOnly? From, DateOnly? To)
{
    internal AuditQuery Query => new(Filter, Person, Kind, From, To);

    /// <summary>The same as a query string; empty where nothing is asked.</summary>
    public static string Write(AuditQuery query) =>
        string.Join(
            '&',
            new (string Name, string? Value)[]
            {
                ("filter", query.Text),
                ("person", query.Person),
                ("kind", query.Kind),
                ("from", query.From?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
                ("to", query.To?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            }
                .Where(p => !string.IsNullOrEmpty(p.Value))
                .Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}")
        );
}
