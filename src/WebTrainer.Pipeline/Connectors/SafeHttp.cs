using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>HTTP to addresses that people typed: never into the server's own network, whatever name or redirect leads there.</summary>
/// <remarks>
/// Each connection, that of a redirect too, is made to an address that was looked up and checked in the same place, so that a name
/// can't mean another address a moment later (DNS rebinding).
/// </remarks>
public sealed class SafeHttp : IDisposable
{
    private const int MaxRedirects = 5;
    private const int CopyBufferBytes = 1 << 20;
    private readonly ConnectorOptions _options;
    private readonly HttpClient _client;

    /// <param name="options">Hosts that may be reached inside the network, and the limits of bytes and seconds.</param>
    public SafeHttp(ConnectorOptions options)
    {
        _options = options;
        _client = new HttpClient(Handler()) { Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds) };
    }

    /// <summary>
    /// A handler that connects only to what is allowed; it follows no redirects, and uses no proxy that would look names up itself.
    /// </summary>
    public SocketsHttpHandler Handler() =>
        new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(_options.TimeoutSeconds),
            ConnectCallback = ConnectAsync,
        };

    /// <returns>The address; http and https without a name and password in it.</returns>
    /// <exception cref="DataProblemException">It is something else.</exception>
    public static Uri Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new DataProblemException("Write an address that begins with https:// or http://.");
        }

        return address.UserInfo.Length == 0
            ? address
            : throw new DataProblemException("Write no name or password into the address; put a token into its own field.");
    }

    /// <summary>Sends a GET, and follows redirects by the same rules. The authorization goes to the first host only.</summary>
    /// <param name="authorization">Value of the header; empty for none.</param>
    /// <param name="etag">Of the last answer; the server then answers 304 where nothing has changed.</param>
    /// <param name="from">First byte wanted; the server answers 206 where it can do that.</param>
    /// <exception cref="DataProblemException">The address isn't allowed, can't be reached, or answers with an error.</exception>
    public async Task<HttpResponseMessage> GetAsync(
        Uri address,
        string authorization,
        string? etag,
        CancellationToken cancellationToken,
        long from = 0
    )
    {
        var first = address;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (authorization.Length > 0 && address.Host == first.Host && address.Port == first.Port && address.Scheme == first.Scheme)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            if (etag is not null)
            {
                request.Headers.TryAddWithoutValidation("If-None-Match", etag);
            }

            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
            }

            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("WebTrainer", "1"));
            var response = await SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotModified || response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if ((int)response.StatusCode is not (>= 300 and < 400) || response.Headers.Location is not { } location)
                {
                    throw new DataProblemException($"{address.Host} answered with {(int)response.StatusCode} {response.ReasonPhrase}.");
                }

                address = Parse(new Uri(address, location).ToString());
            }
        }

        throw new DataProblemException($"{first.Host} redirects more than {MaxRedirects} times.");
    }

    /// <summary>Writes what a server sends into a file.</summary>
    /// <exception cref="DataProblemException">It is larger than the limit.</exception>
    public async Task SaveAsync(
        HttpResponseMessage response,
        string path,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(response);
        var announced = response.Content.Headers.ContentLength ?? 0;
        if (announced > _options.MaxFetchBytes)
        {
            throw TooLarge();
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await CopyAsync(body, path, announced, progress, cancellationToken);
    }

    /// <summary>A stream that gives up a server which falls silent.</summary>
    internal Stream Patiently(Stream body) => new PatientStream(body, TimeSpan.FromSeconds(_options.TimeoutSeconds));

    /// <summary>As <see cref="SaveAsync"/>, of any stream.</summary>
    internal async Task CopyAsync(
        Stream body,
        string path,
        long announced,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var buffer = new byte[CopyBufferBytes];
        long written = 0;
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            written += read;
            if (written > _options.MaxFetchBytes)
            {
                throw TooLarge();
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress?.Report(new WorkProgress("Fetching", written, announced));
        }
    }

    /// <summary>Ends requests under way. Handlers that were given out are their takers' to dispose of.</summary>
    public void Dispose() => _client.Dispose();

    private DataProblemException TooLarge() =>
        new($"It is larger than the {_options.MaxFetchBytes / 1_000_000:N0} MB that one sync may fetch.");

    /// <summary>However its body is read, a server that falls silent is given up.</summary>
    private async Task<HttpResponseMessage> PatientlyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var content = new StreamContent(Patiently(await response.Content.ReadAsStreamAsync(cancellationToken)));
        foreach (var header in response.Content.Headers)
        {
            content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        response.Content = content;
        return response;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await PatientlyAsync(
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken),
                cancellationToken
            );
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException as DataProblemException
                ?? new DataProblemException($"{request.RequestUri!.Host} can't be reached: {e.Message}", cause: e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DataProblemException($"{request.RequestUri!.Host} did not answer in {_options.TimeoutSeconds} seconds.", cause: e);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var end = context.DnsEndPoint;
        var addresses = await Dns.GetHostAddressesAsync(end.Host, cancellationToken);
        if (!HostRules.IsNamed(_options, end.Host, end.Port) && Array.Exists(addresses, a => !HostRules.IsPublic(a)))
        {
            throw new DataProblemException($"{end.Host} lies in this server's own network. Ask an administrator to allow it.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, end.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
