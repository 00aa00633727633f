using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Documentation;
using WebTrainer.Pipeline.Export;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Making;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Neighbours;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Datasets.Vectors;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Description;

namespace WebTrainer.Portal.Features.Datasets;

/// <param name="Name">Of the dataset; where there is one of this name, the import becomes its next version.</param>
/// <param name="Mapping">How to read the rows; left out, they are read as they look.</param>
/// <param name="Reading">How to read the file: encoding, delimiter, header, first line, sheet; what is left out is found by
/// looking.</param>
public sealed record NewDataset(string Name, Guid UploadId, ColumnMapping? Mapping, FileReading? Reading = null);

/// <param name="Reading">How to read the file; what is left out is found by looking.</param>
public sealed record LookQuestion(Guid UploadId, FileReading? Reading = null);

/// <param name="Validation">Share from 0 to 1, 0.1 when left out.</param>
/// <param name="Test">Share from 0 to 1; 0.1 when both it and <paramref name="TestVersionId"/> are left out.</param>
/// <param name="TestVersionId">A version whose rows are the test split.</param>
/// <param name="DropLeaks">Leaves out rows that equal a row they would be judged by.</param>
/// <param name="Stable">Deals by hash, so that each group stays in its split when rows are added.</param>
/// <param name="GroupBy">A column whose values must not part; with <paramref name="Stable"/>.</param>
public sealed record NewSplit(
    double? Validation,
    double? Test,
    long? Seed,
    Guid? TestVersionId,
    bool? DropLeaks,
    bool? Stable = null,
    string? GroupBy = null
)
{
    private const double DefaultShare = 0.1;

    public SplitRecipe Recipe() =>
        new(
            Validation ?? DefaultShare,
            Test ?? (TestVersionId is null ? DefaultShare : 0),
            Seed ?? 42,
            TestVersionId,
            DropLeaks ?? false,
            Stable ?? false,
            GroupBy
        );
}

/// <param name="AddedVersionId">The version whose rows are added.</param>
/// <param name="Validation">Share of the added rows that are in no split, from 0 to 1; 0.1 when left out.</param>
/// <param name="Test">Likewise.</param>
public sealed record NewJoin(Guid AddedVersionId, double? Validation = null, double? Test = null, long? Seed = null)
{
    private const double DefaultShare = 0.1;

    public JoinRecipe Recipe() => new(AddedVersionId, Validation ?? DefaultShare, Test ?? DefaultShare, Seed ?? 42);
}

/// <param name="Stage">What is being done, as a verb.</param>
/// <param name="Total">Same unit as <paramref name="Done"/>; 0 where it isn't known.</param>
public sealed record WorkView(
    Guid Id,
    string Title,
    string Stage,
    long Done,
    long Total,
    string? Error,
    DateTimeOffset? EndedAt,
    VersionKey? Result
)
{
    public static WorkView Of(DatasetOperation operation) =>
        new(
            operation.Id,
            operation.Title,
            operation.State.Stage,
            operation.State.Done,
            operation.State.Total,
            operation.Error,
            operation.EndedAt,
            operation.Result
        );
}

/// <param name="Reason">Why runs may use the version although rows leak.</param>
public sealed record LeakReason(string Reason);

/// <summary><c>/api/v1/projects/{projectId}/datasets</c>.</summary>
public static class DatasetsApi
{
    public static void MapVersionsApi(this IEndpointRouteBuilder project)
    {
        var datasets = project.MapGroup("/datasets").WithTags("Datasets");
        datasets
            .MapGet(
                "",
                async (Guid projectId, DatasetService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Datasets and their versions");
        datasets.MapPost("", ImportAsync).WithSummary("Make a dataset version of an upload; answers when it is made");
        datasets
            .MapPost(
                "/look",
                async (
                    Guid projectId,
                    LookQuestion question,
                    DatasetImports service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        await service.LookAsync(
                            Caller.From(http.User),
                            projectId,
                            question.UploadId,
                            question.Reading,
                            progress: null,
                            cancellationToken
                        )
                    )
            )
            .WithSummary(
                "What an upload looks like: encoding, delimiter, header, sheets, first lines, and how its rows would be read; makes nothing"
            );
        datasets
            .MapGet(
                "/work",
                async (Guid projectId, DatasetService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        (await service.OperationsAsync(Caller.From(http.User), projectId, cancellationToken)).Select(WorkView.Of)
                    )
            )
            .WithSummary("Imports and other long work that runs, waits or ended lately");
        datasets
            .MapDelete(
                "/work/{workId:guid}",
                async (Guid projectId, Guid workId, DatasetService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.StopAsync(Caller.From(http.User), projectId, workId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Stop long work; nothing is changed by it");
        datasets
            .MapGet(
                "/published",
                async (Guid projectId, DatasetService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.PublishedAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Published versions, for runs");

        var version = datasets.MapGroup("/{datasetId:guid}/versions/{number:int}");
        version
            .MapGet(
                "",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    DatasetService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.GetVersionAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken))
            )
            .WithSummary("One version: facts, how it was made, what was found");
        version
            .MapGet(
                "/lineage",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    DatasetService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.LineageAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken))
            )
            .WithSummary("What it was made of, what was made of it, runs that used it");
        version
            .MapGet(
                "/profile",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    DatasetProfiles service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.ProfileAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken))
            )
            .WithSummary("Labels, lengths, splits in figures");
        version
            .MapGet("/rows", RowsAsync)
            .WithSummary(
                "Rows, filtered and paged; words=… gives those that hold words, meaning=… those that mean a text, the best first; both together fuse the two orders"
            );
        version
            .MapGet(
                "/tokens",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    string model,
                    DatasetProfiles service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        await service.TokensAsync(Caller.From(http.User), projectId, datasetId, number, model, cancellationToken)
                    )
            )
            .WithSummary("Lengths in tokens, as the tokenizer of a model on this server counts them");
        version
            .MapGet(
                "/rows/{rowId}",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    string rowId,
                    DatasetRows service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.RowAsync(Caller.From(http.User), projectId, datasetId, number, rowId, cancellationToken))
            )
            .WithSummary("One row, and where it came from");
        version
            .MapGet(
                "/rows/{rowId}/like",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    string rowId,
                    VersionNeighbours service,
                    HttpContext http,
                    CancellationToken cancellationToken,
                    int count = 10
                ) =>
                    TypedResults.Ok(
                        await service.LikeAsync(Caller.From(http.User), projectId, datasetId, number, rowId, count, cancellationToken)
                    )
            )
            .WithSummary("The rows most like one, the nearest first");
        version
            .MapGet("/export", ExportAsync)
            .GivesFile("application/jsonl", "text/csv")
            .WithSummary(
                "The rows as a file: openAiChat, shareGpt, alpaca, promptCompletion, preference or csv; provenance=true adds file, line, version and what was set aside, then as parquet too"
            );
        version
            .MapGet(
                "/compare/{otherId:guid}",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    Guid otherId,
                    DatasetRows service,
                    HttpContext http,
                    CancellationToken cancellationToken,
                    string? change = null,
                    long skip = 0,
                    int take = 50
                ) =>
                    TypedResults.Ok(
                        await service.CompareAsync(
                            Caller.From(http.User),
                            projectId,
                            datasetId,
                            number,
                            otherId,
                            QueryWord.Parse<RowChange>(nameof(change), change) ?? RowChange.Changed,
                            skip,
                            take,
                            cancellationToken
                        )
                    )
            )
            .WithSummary("What changed from another version to this one: rows added, removed or changed");
        version
            .MapPost(
                "/clean/preview",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    CleanRecipe recipe,
                    DatasetCleaning service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        await service.PreviewCleaningAsync(Caller.From(http.User), projectId, datasetId, number, recipe, cancellationToken)
                    )
            )
            .WithSummary("What a recipe would do, with examples");
        version.MapPost("/clean", CleanAsync).WithSummary("Make the next version by a recipe; answers when it is made");
        version
            .MapGet(
                "/recipe",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    DatasetCleaning service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.RecipeAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken))
            )
            .WithSummary("The recipe of a cleaned version");
        version
            .MapGet(
                "/recipe.yaml",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    DatasetCleaning service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.File(
                        Encoding.UTF8.GetBytes(
                            (await service.RecipeAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken)).ToYaml()
                        ),
                        "application/yaml",
                        "recipe.yaml"
                    )
            )
            .GivesFile("application/yaml")
            .WithSummary("The recipe of a cleaned version as a file");
        version
            .MapGet(
                "/set-aside",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    DatasetCleaning service,
                    HttpContext http,
                    CancellationToken cancellationToken,
                    int? step = null,
                    string? twin = null,
                    long skip = 0,
                    int take = 50
                ) =>
                    TypedResults.Ok(
                        await service.SetAsideAsync(
                            Caller.From(http.User),
                            projectId,
                            datasetId,
                            number,
                            step,
                            twin,
                            skip,
                            take,
                            cancellationToken
                        )
                    )
            )
            .WithSummary("Rows that the recipe of a cleaned version set aside, and why");
        version
            .MapGet("/croissant", CroissantAsync)
            .GivesFile("application/ld+json")
            .WithSummary("The version's description as Croissant 1.0 JSON-LD");
        version
            .MapGet("/croissant.zip", PackageAsync)
            .GivesFile("application/zip")
            .WithSummary("The version with its description and card as one archive, for those who can't reach this server");
        version.MapGet("/card", CardAsync).GivesFile("text/markdown").WithSummary("The version's description as a card of Markdown");
        version
            .MapGet("/parquet", ParquetAsync)
            .GivesFile("application/vnd.apache.parquet")
            .WithSummary("The version itself, as the Parquet file that its hash names");
        version
            .MapGet(
                "/fair",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    DatasetDocuments service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        FairChecklist.Of(await service.FactsAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken))
                    )
            )
            .WithSummary("What is missing to make the version findable, accessible, interoperable and reusable");
        version
            .MapPost(
                "/bias",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    BiasQuestion question,
                    DatasetDocuments service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        await service.AuditBiasAsync(Caller.From(http.User), projectId, datasetId, number, question, cancellationToken)
                    )
            )
            .WithSummary("Audit the labels by groups");
        version
            .MapPost(
                "/leaks/accept",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    LeakReason reason,
                    DatasetPublishing service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                {
                    await service.AcceptLeaksAsync(Caller.From(http.User), projectId, datasetId, number, reason.Reason, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("A lead answers for using rows that leak");
        version.MapPost("/split", SplitAsync).WithSummary("Make the next version, split; answers when it is made");
        version
            .MapPost(
                "/join",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    NewJoin join,
                    DatasetJoins service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    At(
                        projectId,
                        await service.JoinAsync(Caller.From(http.User), projectId, datasetId, number, join.Recipe(), cancellationToken)
                    )
            )
            .WithSummary("Make the next version of a split one, with the rows of another added; answers when it is made");
        version
            .MapPost(
                "/make",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    MakeRecipe recipe,
                    DatasetMaking service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => At(projectId, await service.MakeAsync(Caller.From(http.User), projectId, datasetId, number, recipe, cancellationToken))
            )
            .WithSummary("Make the next version of a split one, with rows that rules make of it; answers when it is made");
        version
            .MapPost(
                "/publish",
                async (
                    Guid projectId,
                    Guid datasetId,
                    int number,
                    DatasetPublishing service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await service.PublishAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken))
            )
            .WithSummary("Freeze a split version for runs; answers when it is done");
        version.MapVectorsApi();
    }

    private static async Task<FileContentHttpResult> CroissantAsync(
        Guid projectId,
        Guid datasetId,
        int number,
        DatasetDocuments service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var facts = await service.FactsAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken);
        var server = $"{http.Request.Scheme}://{http.Request.Host}";
        var json = Croissant.Write(
            facts,
            $"{server}/p/{projectId}/data/{datasetId}/v/{number}",
            $"{server}/api/v1/projects/{projectId}/datasets/{datasetId}/versions/{number}/parquet"
        );
        return TypedResults.File(Encoding.UTF8.GetBytes(json), "application/ld+json", $"{facts.Name} v{number} croissant.json");
    }

    private static async Task<PushStreamHttpResult> PackageAsync(
        Guid projectId,
        Guid datasetId,
        int number,
        DatasetDocuments documents,
        DatasetExports exports,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var facts = await documents.FactsAsync(caller, projectId, datasetId, number, cancellationToken);
        var (rows, _) = await exports.ParquetAsync(caller, projectId, datasetId, number, cancellationToken);
        var page = $"{http.Request.Scheme}://{http.Request.Host}/p/{projectId}/data/{datasetId}/v/{number}";
        return TypedResults.Stream(
            // The archive ends its entries by a write that waits, which the body's own stream refuses and its pipe buffers.
            _ => CroissantPackage.WriteAsync(http.Response.BodyWriter.AsStream(), facts, rows, page, cancellationToken),
            "application/zip",
            $"{facts.Name} v{number}.zip"
        );
    }

    private static async Task<FileContentHttpResult> CardAsync(
        Guid projectId,
        Guid datasetId,
        int number,
        DatasetDocuments service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var facts = await service.FactsAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken);
        return TypedResults.File(
            Encoding.UTF8.GetBytes(DatasetCard.Write(facts)),
            "text/markdown; charset=utf-8",
            $"{facts.Name} v{number} card.md"
        );
    }

    private static async Task<PhysicalFileHttpResult> ParquetAsync(
        Guid projectId,
        Guid datasetId,
        int number,
        DatasetExports service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var (path, name) = await service.ParquetAsync(Caller.From(http.User), projectId, datasetId, number, cancellationToken);
        return TypedResults.PhysicalFile(path, "application/vnd.apache.parquet", name);
    }

    private static async Task<Created<VersionView>> ImportAsync(
        Guid projectId,
        NewDataset dataset,
        DatasetImports service,
        HttpContext http,
        CancellationToken cancellationToken
    ) =>
        At(
            projectId,
            await service.ImportAsync(
                Caller.From(http.User),
                projectId,
                dataset.UploadId,
                dataset.Name,
                dataset.Mapping,
                cancellationToken,
                dataset.Reading
            )
        );

    private static async Task<Created<VersionView>> CleanAsync(
        Guid projectId,
        Guid datasetId,
        int number,
        CleanRecipe recipe,
        DatasetCleaning service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => At(projectId, await service.CleanAsync(Caller.From(http.User), projectId, datasetId, number, recipe, cancellationToken));

    private static async Task<Created<VersionView>> SplitAsync(
        Guid projectId,
        Guid datasetId,
        int number,
        NewSplit split,
        DatasetSplits service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => At(projectId, await service.SplitAsync(Caller.From(http.User), projectId, datasetId, number, split.Recipe(), cancellationToken));

    private static async Task<Ok<RowPage>> RowsAsync(
        Guid projectId,
        Guid datasetId,
        int number,
        DatasetSearch search,
        DatasetRows rows,
        HttpContext http,
        CancellationToken cancellationToken,
        long skip = 0,
        int take = 50,
        string? contains = null,
        string? label = null,
        string? split = null,
        string? sort = null,
        bool descending = false,
        string? trait = null,
        string? words = null,
        string? meaning = null
    )
    {
        var query = new RowQuery
        {
            Offset = Math.Max(0, skip),
            Limit = Math.Clamp(take, 0, RowQuery.MaxLimit),
            Contains = contains,
            Label = label,
            Split = QueryWord.Parse<DataSplit>(nameof(split), split),
            Trait = QueryWord.Parse<RowTrait>(nameof(trait), trait),
            Sort = QueryWord.Parse<RowSort>(nameof(sort), sort) ?? RowSort.Position,
            Descending = descending,
        };
        if (!string.IsNullOrWhiteSpace(meaning))
        {
            var meant = await search.MeantAsync(
                Caller.From(http.User),
                projectId,
                datasetId,
                number,
                meaning,
                WordQuery.Parse(words),
                query,
                cancellationToken
            );
            return TypedResults.Ok(meant.Page);
        }

        return TypedResults.Ok(
            WordQuery.Parse(words) is { } looked
                ? (await search.SearchAsync(Caller.From(http.User), projectId, datasetId, number, looked, query, cancellationToken)).Page
                : await rows.RowsAsync(Caller.From(http.User), projectId, datasetId, number, query, cancellationToken)
        );
    }

    private static async Task<PushStreamHttpResult> ExportAsync(
        Guid projectId,
        Guid datasetId,
        int number,
        DatasetExports service,
        HttpContext http,
        CancellationToken cancellationToken,
        string? format = null,
        string? split = null,
        bool provenance = false
    )
    {
        var export = await service.ExportAsync(
            Caller.From(http.User),
            projectId,
            datasetId,
            number,
            QueryWord.Parse<ExportFormat>(nameof(format), format) ?? ExportFormat.OpenAiChat,
            QueryWord.Parse<DataSplit>(nameof(split), split),
            cancellationToken,
            provenance
        );
        return TypedResults.Stream(stream => export.WriteAsync(stream, cancellationToken), export.ContentType, export.FileName);
    }

    private static Created<VersionView> At(Guid projectId, VersionView version) =>
        TypedResults.Created($"/api/v1/projects/{projectId}/datasets/{version.DatasetId}/versions/{version.Number}", version);
}
