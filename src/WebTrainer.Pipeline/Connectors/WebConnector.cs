using System.Net;
using System.Text.Json;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>A file at an address; it is fetched anew where the server says that it changed.</summary>
public sealed class WebConnector(SafeHttp http) : IConnector
{
    /// <inheritdoc/>
    public string? Fault(SourceSettings settings)
    {
        try
        {
            _ = SafeHttp.Parse(settings.Url);
            return null;
        }
        catch (DataProblemException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public async Task<string> TestAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(SafeHttp.Parse(settings.Url), secret.Token, etag: null, cancellationToken);
        return response.Content.Headers.ContentLength is { } bytes
            ? $"The server answers with a file of {bytes:N0} bytes."
            : "The server answers with a file.";
    }

    /// <inheritdoc/>
    /// <remarks>State: the entity tag of the last answer. An answer of 304 (not modified) gives no file.</remarks>
    public async Task<Fetched> FetchAsync(
        SourceSettings settings,
        SourceSecret secret,
        string? state,
        string folder,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var address = SafeHttp.Parse(settings.Url);
        using var response = await http.GetAsync(
            address,
            secret.Token,
            state is null ? null : JsonSerializer.Deserialize<string>(state),
            cancellationToken
        );
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return new Fetched([], state, Adds: false);
        }

        var file = Path.Combine(folder, "0");
        await http.SaveAsync(response, file, progress, cancellationToken);
        var etag = response.Headers.ETag?.ToString();
        return new Fetched([new FetchedFile(file, NameOf(address))], etag is null ? null : JsonSerializer.Serialize(etag), Adds: false);
    }

    private static string NameOf(Uri address)
    {
        var name = Uri.UnescapeDataString(address.Segments[^1].Trim('/'));
        return name.Length == 0 ? address.Host : name;
    }
}
