using System.Text.Json;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Reads the JSON of a request to <c>/v1</c>, of limited size; every refusal says where in it the fault is.</summary>
public static class BodyReader
{
    private const int MaxBodyBytes = 4 << 20;
    private const int ChunkBytes = 64 << 10;

    /// <exception cref="OpenAiException">The body is too large, empty, other JSON, or holds text that is none.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext http, CancellationToken cancellationToken)
    {
        var body = await BytesAsync(http.Request, cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(body);
            if (JsonFault.BrokenTextIn(json.RootElement) is { } place)
            {
                throw Bad(
                    $"{place} holds text that is no Unicode: half of a surrogate pair, or bytes that are no UTF-8.",
                    place.Trim('\'')
                );
            }

            return json.Deserialize<T>(JsonSerializerOptions.Web) ?? throw Bad("The body is null; an object is expected.");
        }
        catch (JsonException ex)
        {
            throw Bad(
                "The body is not the JSON that is expected here: " + JsonFault.Describe(ex),
                ex.Path?.StartsWith("$.", StringComparison.Ordinal) == true ? ex.Path[2..] : null
            );
        }
    }

    // Counted here, since a body in chunks doesn't tell its length before.
    private static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            throw new OpenAiException(
                StatusCodes.Status415UnsupportedMediaType,
                "Send JSON, with the header Content-Type: application/json."
            );
        }

        if (request.ContentLength > MaxBodyBytes)
        {
            throw TooLarge();
        }

        using var body = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        for (int read; (read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0; )
        {
            if (body.Length + read > MaxBodyBytes)
            {
                throw TooLarge();
            }

            body.Write(chunk, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static OpenAiException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, $"A request has at most {MaxBodyBytes} bytes.");

    private static OpenAiException Bad(string message, string? field = null) =>
        new(StatusCodes.Status400BadRequest, message) { Param = field };
}
