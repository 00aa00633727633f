using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>Objects of an S3-compatible bucket; each sync adds those that are new or changed, by their tags.</summary>
public sealed class S3Connector(SafeHttp http, ConnectorOptions options) : IConnector
{
    private const int MaxObjects = 10_000;

    /// <inheritdoc/>
    public string? Fault(SourceSettings settings)
    {
        try
        {
            _ = SafeHttp.Parse(settings.Url);
            return string.IsNullOrWhiteSpace(settings.Bucket) ? "Write the bucket's name." : null;
        }
        catch (DataProblemException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public async Task<string> TestAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken)
    {
        using var client = Client(settings, secret);
        return $"The bucket holds {(await ObjectsAsync(client, settings, cancellationToken)).Count:N0} objects under this prefix.";
    }

    /// <inheritdoc/>
    /// <remarks>State: the entity tag of each object.</remarks>
    public async Task<Fetched> FetchAsync(
        SourceSettings settings,
        SourceSecret secret,
        string? state,
        string folder,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var seen = state is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(state)!;
        var fetched = new List<FetchedFile>();
        using var client = Client(settings, secret);
        foreach (var item in await ObjectsAsync(client, settings, cancellationToken))
        {
            if (seen.GetValueOrDefault(item.Key) == item.ETag || item.Key.EndsWith('/'))
            {
                continue;
            }

            if (item.Size > options.MaxFetchBytes)
            {
                throw new DataProblemException(
                    $"'{item.Key}' is larger than the {options.MaxFetchBytes / 1_000_000:N0} MB that one sync may fetch."
                );
            }

            var path = Path.Combine(folder, $"{fetched.Count}");
            await SaveAsync(client, settings.Bucket, item.Key, path, progress, cancellationToken);
            fetched.Add(new FetchedFile(path, item.Key.Split('/')[^1]));
            seen[item.Key] = item.ETag;
        }

        return new Fetched(fetched, JsonSerializer.Serialize(seen), Adds: true);
    }

    private async Task SaveAsync(
        AmazonS3Client client,
        string bucket,
        string key,
        string path,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var response = await CallAsync(() => client.GetObjectAsync(bucket, key, cancellationToken));
            await http.CopyAsync(http.Patiently(response.ResponseStream), path, response.ContentLength, progress, cancellationToken);
        }
        catch (AmazonClientException e)
        {
            // The client compares what came with the object's tag at its end, and also when it is closed before that.
            throw new DataProblemException(
                $"'{key}' did not arrive as the server says it is: it was cut off or changed. Sync again.",
                cause: e
            );
        }
    }

    private static async Task<IReadOnlyList<S3Object>> ObjectsAsync(
        AmazonS3Client client,
        SourceSettings settings,
        CancellationToken cancellationToken
    )
    {
        var objects = new List<S3Object>();
        var request = new ListObjectsV2Request { BucketName = settings.Bucket, Prefix = settings.Prefix };
        do
        {
            var page = await CallAsync(() => client.ListObjectsV2Async(request, cancellationToken));
            objects.AddRange(page.S3Objects ?? []);
            if (objects.Count > MaxObjects)
            {
                throw new DataProblemException(
                    $"The bucket holds more than {MaxObjects:N0} objects under this prefix. Choose a longer one."
                );
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        } while (request.ContinuationToken is not null);
        return objects;
    }

    private static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AmazonServiceException e)
        {
            throw new DataProblemException(
                $"The bucket can't be read: {(e.ErrorCode is { Length: > 0 } code ? code : e.Message)}.",
                cause: e
            );
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException as DataProblemException ?? new DataProblemException("The S3 server can't be reached.", cause: e);
        }
    }

    private AmazonS3Client Client(SourceSettings settings, SourceSecret secret)
    {
        var configuration = new AmazonS3Config
        {
            ServiceURL = SafeHttp.Parse(settings.Url).ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = settings.Region,
            MaxErrorRetry = 2,
            Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
            HttpClientFactory = new Guarded(http),
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        return secret.AccessKey.Length == 0
            ? new AmazonS3Client(new AnonymousAWSCredentials(), configuration)
            : new AmazonS3Client(new BasicAWSCredentials(secret.AccessKey, secret.SecretKey), configuration);
    }

    /// <summary>The client's requests go by the same rules as all others.</summary>
    private sealed class Guarded(SafeHttp http) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(http.Handler());

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => true;
    }
}
