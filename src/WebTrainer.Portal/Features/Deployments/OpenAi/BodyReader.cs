using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Reads the JSON of a request to <c>/v1</c>, of limited size.</summary>
public static class BodyReader
{
    private const int MaxBodyBytes = 4 << 20;

    /// <exception cref="OpenAiException">The body is too large, empty or other JSON.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext http, CancellationToken ct)
    {
        if (http.Request.ContentLength > MaxBodyBytes)
            throw TooLarge();
        // A body in chunks doesn't tell its length before.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBodyBytes;
        try
        {
            return await http.Request.ReadFromJsonAsync<T>(ct) ?? throw Bad("The body is empty.");
        }
        catch (BadHttpRequestException ex) when (ex.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            throw Bad("The body is not the JSON that is expected here: " + ex.Message);
        }
    }

    private static OpenAiException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, $"A request has at most {MaxBodyBytes} bytes.");
    private static OpenAiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
