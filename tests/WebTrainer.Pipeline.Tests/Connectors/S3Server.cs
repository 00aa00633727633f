using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Pipeline.Tests.Connectors;

/// <summary>
/// A bucket as S3 serves it: listings in pages, objects, and every request's signature computed anew from the request by the rules of
/// AWS Signature Version 4, with none of the client's code.
/// </summary>
internal sealed class S3Server : IDisposable
{
    private const string Bucket = "data",
        AccessKey = "AKIDEXAMPLE",
        Region = "eu-west-1";
    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private int _busy;

    public S3Server()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public int Port { get; }
    public string Secret { get; } = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// <summary>Objects of one page of a listing.</summary>
    public int PageObjects { get; init; } = 1_000;

    /// <summary>Gives tags that look like an MD5 and are none.</summary>
    public bool TagsSayMd5 { get; set; }

    /// <summary>Objects whose transfer breaks off in the middle.</summary>
    public HashSet<string> Breaking { get; } = [];
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked and how it was answered.</summary>
    public ConcurrentQueue<(string Path, int Status)> Asked { get; } = new();

    /// <summary>Answers so many requests with "slow down".</summary>
    public void BeBusy(int requests) => _busy = requests;

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Answer(context);
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var (raw, response) = (context.Request.RawUrl!, context.Response);
        var (path, query) = raw.Split('?', 2) is [var p, var q] ? (p, q) : (raw, "");
        try
        {
            if (Interlocked.Decrement(ref _busy) >= 0)
            {
                Refuse(response, 503, "SlowDown");
            }
            else if (Fault(context.Request, path, query) is { } fault)
            {
                Refuse(response, 403, fault);
            }
            else if (path.TrimEnd('/') == "/" + Bucket)
            {
                List(response, Parameters(query));
            }
            else if (
                path.StartsWith($"/{Bucket}/", StringComparison.Ordinal)
                && Objects.TryGetValue(Uri.UnescapeDataString(path[(Bucket.Length + 2)..]), out var bytes)
            )
            {
                Send(response, Uri.UnescapeDataString(path[(Bucket.Length + 2)..]), bytes);
            }
            else
            {
                Refuse(response, 404, path.StartsWith($"/{Bucket}", StringComparison.Ordinal) ? "NoSuchKey" : "NoSuchBucket");
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The client went away, or the test is over.
        }

        Asked.Enqueue((raw, response.StatusCode));
    }

    private void Send(HttpListenerResponse response, string key, byte[] bytes)
    {
        response.ContentLength64 = bytes.Length;
        response.Headers["ETag"] = Tag(bytes);
        if (Breaking.Contains(key))
        {
            response.OutputStream.Write(bytes.AsSpan(0, bytes.Length / 2));
            response.OutputStream.Flush();
            response.Abort();
            return;
        }

        response.OutputStream.Write(bytes);
        response.Close();
    }

    private void List(HttpListenerResponse response, IReadOnlyDictionary<string, string> parameters)
    {
        var after = parameters.TryGetValue("continuation-token", out var token)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(token))
            : "";
        var found = Objects
            .Keys.Where(k =>
                k.StartsWith(parameters.GetValueOrDefault("prefix", ""), StringComparison.Ordinal) && string.CompareOrdinal(k, after) > 0
            )
            .Order(StringComparer.Ordinal)
            .ToList();
        var page = found.Take(PageObjects).ToList();
        var xml = new StringBuilder(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        ).Append(
            CultureInfo.InvariantCulture,
            $"<Name>{Bucket}</Name><KeyCount>{page.Count}</KeyCount><MaxKeys>{PageObjects}</MaxKeys><IsTruncated>{(found.Count > page.Count ? "true" : "false")}</IsTruncated>"
        );
        if (found.Count > page.Count)
        {
            xml.Append(
                CultureInfo.InvariantCulture,
                $"<NextContinuationToken>{Convert.ToBase64String(Encoding.UTF8.GetBytes(page[^1]))}</NextContinuationToken>"
            );
        }

        foreach (var key in page)
        {
            xml.Append(
                CultureInfo.InvariantCulture,
                $"<Contents><Key>{SecurityElement.Escape(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>{SecurityElement.Escape(Tag(Objects[key]))}</ETag><Size>{Objects[key].Length}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            );
        }

        Write(response, 200, xml.Append("</ListBucketResult>").ToString());
    }

    /// <summary>As of objects that were sent in parts: only of those sent whole does a tag hold their MD5, which clients check.</summary>
    private string Tag(byte[] bytes) => $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}{(TagsSayMd5 ? "" : "-1")}\"";

    private static void Refuse(HttpListenerResponse response, int status, string code) =>
        Write(response, status, $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");

    private static void Write(HttpListenerResponse response, int status, string xml)
    {
        response.StatusCode = status;
        response.ContentType = "application/xml";
        response.Close(Encoding.UTF8.GetBytes(xml), willBlock: true);
    }

    /// <summary>Why the request isn't let in; null where its signature is right.</summary>
    private string? Fault(HttpListenerRequest request, string path, string query)
    {
        var authorization = request.Headers["Authorization"] ?? "";
        if (!authorization.StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal))
        {
            return "AccessDenied";
        }

        var parts = authorization["AWS4-HMAC-SHA256 ".Length..]
            .Split(',', StringSplitOptions.TrimEntries)
            .Select(p => p.Split('=', 2))
            .ToDictionary(p => p[0], p => p[1]);
        var time = request.Headers["X-Amz-Date"] ?? "";
        if (
            !DateTime.TryParseExact(
                time,
                "yyyyMMdd'T'HHmmss'Z'",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var at
            )
            || (DateTime.UtcNow - at).Duration() > TimeSpan.FromMinutes(15)
        )
        {
            return "RequestTimeTooSkewed";
        }

        var scope = $"{time[..8]}/{Region}/s3/aws4_request";
        if (parts["Credential"] != $"{AccessKey}/{scope}")
        {
            return "InvalidAccessKeyId";
        }

        var payload = request.Headers["X-Amz-Content-SHA256"] ?? "";
        if (payload != "UNSIGNED-PAYLOAD" && payload != Convert.ToHexStringLower(SHA256.HashData([])))
        {
            return "XAmzContentSHA256Mismatch";
        }

        var signed = parts["SignedHeaders"].Split(';');
        if (!signed.Contains("host") || !signed.Contains("x-amz-date") || !signed.Contains("x-amz-content-sha256"))
        {
            return "AccessDenied";
        }

        var canonical = string.Join(
            '\n',
            request.HttpMethod,
            path,
            string.Join(
                '&',
                query
                    .Split('&', StringSplitOptions.RemoveEmptyEntries)
                    .Select(p => p.Contains('=', StringComparison.Ordinal) ? p : p + "=")
                    .Order(StringComparer.Ordinal)
            ),
            string.Concat(
                signed.Select(h =>
                    $"{h}:{string.Join(' ', (request.Headers[h] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))}\n"
                )
            ),
            parts["SignedHeaders"],
            payload
        );
        var toSign = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = new[] { time[..8], Region, "s3", "aws4_request" }.Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + Secret),
            (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part))
        );
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign))) == parts["Signature"]
            ? null
            : "SignatureDoesNotMatch";
    }

    private static Dictionary<string, string> Parameters(string query) =>
        query
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2))
            .ToDictionary(p => Uri.UnescapeDataString(p[0]), p => Uri.UnescapeDataString(p.ElementAtOrDefault(1) ?? ""));
}
