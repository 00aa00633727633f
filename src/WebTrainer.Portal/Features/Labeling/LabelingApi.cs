using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Description;

namespace WebTrainer.Portal.Features.Labeling;

/// <param name="Values">Answers by question.</param>
public sealed record AnswerBody(IReadOnlyDictionary<string, string> Values, double Seconds = 0);

public sealed record TaskCreated(Guid Id);

/// <param name="Count">So many of the labels in doubt, the surest first.</param>
public sealed record DoubtsAsked(int Count);

/// <summary>
/// <c>/api/v1/projects/{project}/labels</c>: what pages do, for programs. Who asks, and in which project, is never read from a body.
/// </summary>
public static class LabelingApi
{
    public static void MapLabelingApi(this IEndpointRouteBuilder api)
    {
        var labels = api.MapGroup("/projects/{projectId:guid}/labels").WithTags("Labeling");
        labels
            .MapGet(
                "",
                async (Guid projectId, LabelingService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("The tasks that you may see");
        labels
            .MapGet(
                "/doubts/{versionId:guid}",
                async (Guid projectId, Guid versionId, LabelDoubtService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.FindAsync(Caller.From(http.User), projectId, versionId, cancellationToken))
            )
            .WithSummary("Labels of a version that the rows most like theirs contradict, the surest first");
        labels
            .MapPost(
                "/doubts/{versionId:guid}",
                async (
                    Guid projectId,
                    Guid versionId,
                    DoubtsAsked asked,
                    LabelDoubtService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        new TaskCreated(
                            await service.AskAsync(Caller.From(http.User), projectId, versionId, asked.Count, cancellationToken)
                        )
                    )
            )
            .WithSummary("Make a task of the first labels in doubt");
        labels
            .MapGet(
                "/people",
                async (Guid projectId, LabelingService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok((await service.FormAsync(Caller.From(http.User), projectId, cancellationToken)).People)
            )
            .WithSummary("Members who may be assigned");
        labels
            .MapPost(
                "",
                async (
                    Guid projectId,
                    NewTaskDraft draft,
                    LabelingService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(new TaskCreated(await service.CreateAsync(Caller.From(http.User), projectId, draft, cancellationToken)))
            )
            .WithSummary("Make a task");
        labels
            .MapGet(
                "/{taskId:guid}",
                async (Guid projectId, Guid taskId, TaskOverviews service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ReadAsync(Caller.From(http.User), projectId, taskId, cancellationToken))
            )
            .WithSummary("A task and how far it is");
        labels
            .MapGet(
                "/{taskId:guid}/agreement",
                async (Guid projectId, Guid taskId, TaskOverviews service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.AgreementAsync(Caller.From(http.User), projectId, taskId, cancellationToken))
            )
            .WithSummary("How far people agree, by question");
        labels
            .MapPost(
                "/{taskId:guid}/next",
                async (Guid projectId, Guid taskId, AnswerService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        await service.GoAsync(Caller.From(http.User), projectId, taskId, AnswerMove.Next, null, cancellationToken)
                    )
            )
            .WithSummary("Claim your next item");
        labels.MapPost("/{taskId:guid}/items/{itemId:guid}/answer", AnswerAsync).WithSummary("Answer an item that you hold");
        labels
            .MapGet("/{taskId:guid}/export", ExportAsync)
            .GivesFile("application/json", "application/jsonl", "text/csv")
            .WithSummary("All answers: jsonl, csv or labelStudio; labelStudioConfig is the configuration that Label Studio shows them by");
        labels
            .MapPost("/import", ImportAsync)
            .TakesFile("application/json", "application/jsonl")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(LabelImport.MaxBytes))
            .WithSummary("A task of Label Studio JSON, or of JSONL with annotator columns");
        labels
            .MapGet(
                "/{taskId:guid}/snapshot/preview",
                async (
                    Guid projectId,
                    Guid taskId,
                    int? minimum,
                    LabelSnapshots service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.PreviewAsync(Caller.From(http.User), projectId, taskId, minimum ?? 1, cancellationToken))
            )
            .WithSummary("Which rows a snapshot would change, and to what");
        labels
            .MapPost(
                "/{taskId:guid}/snapshot",
                async (
                    Guid projectId,
                    Guid taskId,
                    int? minimum,
                    string? rows,
                    LabelSnapshots service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        await service.MakeAsync(
                            Caller.From(http.User),
                            projectId,
                            taskId,
                            minimum ?? 1,
                            cancellationToken,
                            QueryWord.Parse<SnapshotRows>(nameof(rows), rows) ?? SnapshotRows.Merged
                        )
                    )
            )
            .WithSummary(
                "Merge the decided answers into the version that was judged, as its dataset's next; rows=decided makes a dataset of those rows alone"
            );
        labels
            .MapGet(
                "/{taskId:guid}/ranking",
                async (
                    Guid projectId,
                    Guid taskId,
                    string? category,
                    ArenaService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.RankAsync(Caller.From(http.User), projectId, taskId, category, cancellationToken))
            )
            .WithSummary("The models of a comparison, the strongest first");
        labels
            .MapPost(
                "/comparisons",
                async (Guid projectId, NewComparison draft, ArenaService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(new TaskCreated(await service.CreateAsync(Caller.From(http.User), projectId, draft, cancellationToken)))
            )
            .WithSummary("Have models answer the same prompts, to be judged in blind pairs");
    }

    private static async Task<NoContent> AnswerAsync(
        Guid projectId,
        Guid taskId,
        Guid itemId,
        AnswerBody body,
        AnswerService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await service.SubmitAsync(Caller.From(http.User), projectId, itemId, body.Values, body.Seconds, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ImportedTask>> ImportAsync(
        Guid projectId,
        string name,
        LabelImport service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(await service.ImportAsync(Caller.From(http.User), projectId, name, http.Request.Body, cancellationToken));

    private static async Task ExportAsync(
        Guid projectId,
        Guid taskId,
        LabelExport service,
        HttpContext http,
        CancellationToken cancellationToken,
        string? format = null
    )
    {
        var asked = QueryWord.Parse<LabelExportFormat>(nameof(format), format) ?? LabelExportFormat.Jsonl;
        var (type, name) = asked switch
        {
            LabelExportFormat.Csv => (CsvFile.ContentType, "answers.csv"),
            LabelExportFormat.LabelStudio => ("application/json", "label-studio.json"),
            LabelExportFormat.LabelStudioConfig => ("application/xml", "label-studio.xml"),
            _ => ("application/x-ndjson", "answers.jsonl"),
        };
        http.Response.OnStarting(() =>
        {
            if (http.Response.StatusCode == StatusCodes.Status200OK && http.Response.ContentType is null)
            {
                http.Response.ContentType = type;
                http.Response.Headers.ContentDisposition = $"attachment; filename={name}";
            }

            return Task.CompletedTask;
        });
        await service.WriteAsync(Caller.From(http.User), projectId, taskId, asked, http.Response.Body, cancellationToken);
    }
}
