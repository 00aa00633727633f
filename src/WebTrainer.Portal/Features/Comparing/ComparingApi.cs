using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Description;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>A comparison as the API shows it.</summary>
/// <param name="Columns">Title and address of each column.</param>
public sealed record ComparisonResource(
    IReadOnlyList<ColumnResource> Columns,
    IReadOnlyList<ComparisonRow> Rows,
    IReadOnlyList<PairResource> Pairs
);

public sealed record ColumnResource(string Key, string Title, string Detail);

/// <summary>A column with results against the first of them.</summary>
public sealed record PairResource(string First, string Second, IReadOnlyList<PairTest> Tests);

/// <summary><c>/api/v1/projects/{projectId}/comparison.…</c>.</summary>
public static class ComparingApi
{
    public static void MapComparingApi(this IEndpointRouteBuilder api)
    {
        var comparison = api.MapGroup("/projects/{projectId:guid}").WithTags("Comparison");
        comparison
            .MapGet("/comparison.json", JsonAsync)
            .WithSummary("Columns (run:ID, result:EVALUATION:MODEL, base:NAME) with figures, settings and paired tests");
        comparison
            .MapGet("/comparison.csv", CsvAsync)
            .GivesFile("text/csv")
            .WithSummary("The table of a comparison as CSV, a line a figure or setting");
    }

    private static async Task<Ok<ComparisonResource>> JsonAsync(
        Guid projectId,
        [FromQuery] string[] col,
        ComparisonService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var view = await service.LoadAsync(caller, projectId, Keys(col), cancellationToken);
        var judged = view.Columns.Where(c => c.ExamplesJob is not null).ToList();
        var pairs = new List<PairResource>();
        foreach (var second in judged.Skip(1))
        {
            var pair = await service.PairAsync(caller, projectId, judged[0], second, judged, new PairQuery(), 0, 0, cancellationToken);
            pairs.Add(new(judged[0].Key.Write(), second.Key.Write(), pair.Tests));
        }

        return TypedResults.Ok(
            new ComparisonResource([.. view.Columns.Select(c => new ColumnResource(c.Key.Write(), c.Title, c.Detail))], view.Rows, pairs)
        );
    }

    private static async Task<FileContentHttpResult> CsvAsync(
        Guid projectId,
        [FromQuery] string[] col,
        ComparisonService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var view = await service.LoadAsync(Caller.From(http.User), projectId, Keys(col), cancellationToken);
        var rows = view
            .Rows.Select(r => r.Values.Prepend(r.Name).Prepend(r.Group.ToString()))
            .Prepend(view.Columns.Select(c => $"{c.Title}, {c.Detail}").Prepend("what").Prepend("group"));
        return CsvFile.Of(rows, "comparison.csv");
    }

    private static List<ColumnKey> Keys(string[] columns) =>
        [
            .. columns.Select(c =>
                ColumnKey.Read(c)
                ?? throw new Domain.RuleViolationException($"'{c}' is no column. Write run:ID, result:EVALUATION:MODEL or base:NAME.")
            ),
        ];
}
