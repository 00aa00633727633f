using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting.Description;

namespace WebTrainer.Portal.Features.Uploads;

/// <param name="Length">Bytes of the whole file.</param>
public sealed record NewUpload(string FileName, long Length);

/// <param name="Length">Bytes that are here: send the next chunk from there.</param>
public sealed record WrongOffset(long Length);

/// <summary><c>/api/v1/projects/{projectId}/uploads</c>.</summary>
public static class UploadsApi
{
    private const long MaxChunkBytes = 16 << 20;

    public static void MapUploadsApi(this IEndpointRouteBuilder project)
    {
        var uploads = project.MapGroup("/uploads").WithTags("Uploads");
        uploads
            .MapGet(
                "",
                async (Guid projectId, UploadService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.WaitingAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Uploads that no dataset was made of yet");
        uploads.MapPost("", StartAsync).WithSummary("Begin an upload in chunks, or find the unfinished one of the same name and length");
        uploads
            .MapGet(
                "/{uploadId:guid}",
                async (Guid projectId, Guid uploadId, UploadService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.GetAsync(Caller.From(http.User), projectId, uploadId, cancellationToken))
            )
            .WithSummary("How much of a file has arrived");
        uploads
            .MapPatch("/{uploadId:guid}", AppendAsync)
            .TakesFile()
            .WithSummary("The next chunk, as the raw body; 409 says where to go on")
            .WithMetadata(new RequestSizeLimitAttribute(MaxChunkBytes));
        uploads
            .MapDelete(
                "/{uploadId:guid}",
                async (Guid projectId, Guid uploadId, UploadService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.DiscardAsync(Caller.From(http.User), projectId, uploadId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Discard an upload that no dataset was made of");
        // PUT as well as POST, so that both curl -T and curl --data-binary work.
        uploads
            .MapMethods("/file", [HttpMethods.Post, HttpMethods.Put], ReceiveAsync)
            .TakesFile()
            .WithSummary("A whole file as the raw body of one request")
            .WithMetadata(new DisableRequestSizeLimitAttribute());
    }

    private static async Task<Created<UploadView>> StartAsync(
        Guid projectId,
        NewUpload upload,
        UploadService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var begun = await service.StartAsync(Caller.From(http.User), projectId, upload.FileName, upload.Length, cancellationToken);
        return TypedResults.Created($"/api/v1/projects/{projectId}/uploads/{begun.Id}", begun);
    }

    private static async Task<Results<Ok<UploadView>, Conflict<WrongOffset>>> AppendAsync(
        Guid projectId,
        Guid uploadId,
        long offset,
        UploadService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var (accepted, upload) = await service.AppendAsync(
            Caller.From(http.User),
            projectId,
            uploadId,
            offset,
            http.Request.Body,
            cancellationToken
        );
        return accepted ? TypedResults.Ok(upload) : TypedResults.Conflict(new WrongOffset(upload.Received));
    }

    private static async Task<Created<UploadView>> ReceiveAsync(
        Guid projectId,
        string name,
        UploadService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var upload = await service.ReceiveAsync(
            Caller.From(http.User),
            projectId,
            name,
            http.Request.ContentLength,
            http.Request.Body,
            cancellationToken
        );
        return TypedResults.Created($"/api/v1/projects/{projectId}/uploads/{upload.Id}", upload);
    }
}
