using System.Text.Json;
using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>A dataset of the Hugging Face hub: the Parquet files that the hub makes of each. No code of the dataset is run.</summary>
public sealed partial class HubConnector(SafeHttp http, ConnectorOptions options) : IConnector
{
    private const int MaxFiles = 1_000;

    /// <inheritdoc/>
    public string? Fault(SourceSettings settings) => Name().IsMatch(settings.Dataset) ? null : "Write the dataset's name as owner/name.";

    /// <inheritdoc/>
    public async Task<string> TestAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken)
    {
        var files = await FilesAsync(settings, secret, cancellationToken);
        return $"The hub has {files.Count:N0} files for this split.";
    }

    /// <inheritdoc/>
    /// <remarks>Takes all of the split each time, instead of what came before: the hub tells no state.</remarks>
    public async Task<Fetched> FetchAsync(
        SourceSettings settings,
        SourceSecret secret,
        string? state,
        string folder,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var fetched = new List<FetchedFile>();
        foreach (var (i, address) in (await FilesAsync(settings, secret, cancellationToken)).Index())
        {
            using var response = await http.GetAsync(SafeHttp.Parse(address), Authorization(secret), etag: null, cancellationToken);
            var path = Path.Combine(folder, $"{i}");
            await http.SaveAsync(response, path, progress, cancellationToken);
            fetched.Add(new FetchedFile(path, $"{settings.Dataset.Replace('/', '-')}-{settings.Split}-{i}.parquet"));
        }

        return new Fetched(fetched, State: null, Adds: false);
    }

    private async Task<IReadOnlyList<string>> FilesAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken)
    {
        if (Fault(settings) is { } fault)
        {
            throw new DataProblemException(fault);
        }

        using var response = await http.GetAsync(
            SafeHttp.Parse($"{options.HuggingFaceAddress.TrimEnd('/')}/api/datasets/{settings.Dataset}/parquet"),
            Authorization(secret),
            etag: null,
            cancellationToken
        );
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var configurations =
                await JsonSerializer.DeserializeAsync<Dictionary<string, Dictionary<string, List<string>>>>(
                    body,
                    cancellationToken: cancellationToken
                ) ?? [];
            var configuration = settings.Configuration.Length > 0 ? settings.Configuration : configurations.Keys.FirstOrDefault() ?? "";
            var files =
                configurations.GetValueOrDefault(configuration)?.GetValueOrDefault(settings.Split)
                ?? throw new DataProblemException(
                    $"'{settings.Dataset}' has no split '{settings.Split}' in the configuration '{configuration}'."
                );
            return files.Count <= MaxFiles
                ? files
                : throw new DataProblemException($"'{settings.Dataset}' has more than {MaxFiles:N0} files.");
        }
        catch (JsonException e)
        {
            throw new DataProblemException("The hub's answer can't be read.", cause: e);
        }
    }

    private static string Authorization(SourceSecret secret) => secret.Token.Length == 0 ? "" : "Bearer " + secret.Token;

    [GeneratedRegex(@"^[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
