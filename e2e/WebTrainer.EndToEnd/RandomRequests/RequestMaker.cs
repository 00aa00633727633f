using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace WebTrainer.EndToEnd.RandomRequests;

/// <summary>Somebody who sends requests: a name for the report, and what their requests carry.</summary>
internal sealed record Sender(string Name, Action<HttpRequestMessage> Sign);

/// <summary>A request as it is sent, and its words for a report.</summary>
internal sealed record RandomRequest(HttpRequestMessage Message, string Route, string Words);

/// <summary>
/// Requests to any route of the description, to the pages and to the models: half of them right, others a little wrong, a few oversized.
/// </summary>
internal sealed partial class RequestMaker(JsonElement description, IReadOnlyList<string> pages, KnownThings things, Random random)
{
    private const int OversizedEach = 100;
    private const int OversizedBytes = 6 << 20;
    private static readonly string[] s_models = ["/v1/chat/completions", "/v1/completions", "/v1/classify", "/v1/embeddings", "/v1/models"];
    private static readonly string[] s_segments = ["..%2f..%2fetc", "%00", "-1", "99999999999999999999", "a%0d%0ab", "%E0%A4", "x"];
    private readonly RandomJson _json = new(description.GetProperty("components").GetProperty("schemas"), things, random);
    private readonly List<(string Path, string Method, JsonElement Operation)> _operations =
    [
        .. from path in description.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select (path.Name, operation.Name.ToUpperInvariant(), operation.Value),
    ];

    public RandomRequest Next() =>
        random.Next(10) switch
        {
            0 => Page(),
            1 => ToAModel(),
            _ => ToTheApi(),
        };

    private RandomRequest Page()
    {
        var path = Fill(pages[random.Next(pages.Count)]) + (random.Next(4) == 0 ? "?skip=-1&sort=%27&contains=" + Segment() : "");
        return Made(new HttpRequestMessage(HttpMethod.Get, path), "page", "");
    }

    private RandomRequest ToAModel()
    {
        var path = s_models[random.Next(s_models.Length)];
        var body = new JsonObject
        {
            ["model"] = random.Next(3) > 0 ? "webtrainer-base-8m" : _json.Text("model"),
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello" }),
            ["prompt"] = "Hello",
            ["input"] = new JsonArray("Hello", "you"),
            ["max_tokens"] = random.Next(1, 4),
        };
        var message = new HttpRequestMessage(path == "/v1/models" ? HttpMethod.Get : HttpMethod.Post, path);
        return WithBody(message, path, body);
    }

    private RandomRequest ToTheApi()
    {
        var (path, method, operation) = _operations[random.Next(_operations.Count)];
        var message = new HttpRequestMessage(new HttpMethod(random.Next(40) == 0 ? "PUT" : method), Fill(path) + Query(operation));
        if (random.Next(10) == 0)
        {
            message.Headers.TryAddWithoutValidation(
                "Idempotency-Key",
                random.Next(5) == 0 ? new string('k', 500) : $"key-{random.Next(20)}"
            );
        }

        if (
            !operation.TryGetProperty("requestBody", out var body)
            || !body.GetProperty("content").TryGetProperty("application/json", out var content)
        )
        {
            return method is "GET" or "DELETE" ? Made(message, $"{method} {path}", "") : WithFile(message, $"{method} {path}");
        }

        return WithBody(message, $"{method} {path}", _json.Value(content.GetProperty("schema"), ""));
    }

    private RandomRequest WithBody(HttpRequestMessage message, string route, JsonNode? body)
    {
        if (random.Next(OversizedEach) == 0)
        {
            body = new JsonObject { ["name"] = new string('x', OversizedBytes) };
        }
        else if (random.Next(2) == 0)
        {
            body = _json.Spoil(body);
        }

        var text = body?.ToJsonString() ?? "null";
        text = random.Next(30) switch
        {
            0 => text[..random.Next(text.Length)],
            1 => text.Replace(":\"", ":\"\\ud800", StringComparison.Ordinal),
            2 => text + "}",
            3 => "",
            _ => text,
        };
        message.Content = new StringContent(text, Encoding.UTF8, random.Next(40) == 0 ? "text/plain" : "application/json");
        return Made(message, route, text);
    }

    private RandomRequest WithFile(HttpRequestMessage message, string route)
    {
        var bytes = random.Next(4) switch
        {
            0 => Encoding.UTF8.GetBytes("text,label\nmy card is lost,card\nwhere is my money,money\n"),
            1 => Encoding.UTF8.GetBytes("{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"prompt\":1}\n"),
            2 => [],
            _ => RandomBytes(random.Next(1, 100_000)),
        };
        message.Content = new ByteArrayContent(bytes);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return Made(message, route, $"{bytes.Length} bytes");
    }

    private byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static RandomRequest Made(HttpRequestMessage message, string route, string body) =>
        new(message, route, $"{message.Method} {message.RequestUri} {(body.Length > 600 ? body[..600] + "…" : body)}");

    private string Query(JsonElement operation)
    {
        if (!operation.TryGetProperty("parameters", out var parameters))
        {
            return "";
        }

        var parts = parameters
            .EnumerateArray()
            .Where(p => p.TryGetProperty("in", out var place) && place.GetString() == "query" && random.Next(3) > 0)
            .Select(p => $"{p.GetProperty("name").GetString()}={QueryValue(p)}")
            .ToList();
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private string QueryValue(JsonElement parameter) =>
        random.Next(4) == 0
            ? Segment()
            : Uri.EscapeDataString(
                _json.Value(parameter.GetProperty("schema"), parameter.GetProperty("name").GetString()!)?.ToString() ?? ""
            );

    private string Segment() => s_segments[random.Next(s_segments.Length)];

    private string Fill(string path) =>
        Parameter()
            .Replace(
                path,
                match =>
                    random.Next(25) == 0 ? Segment()
                    : things.Find(match.Groups["name"].Value, random) is { } known && random.Next(12) > 0 ? Uri.EscapeDataString(known)
                    : match.Groups["name"].Value is "number" or "trial" or "Number" ? random.Next(4).ToString()
                    : Guid.NewGuid().ToString()
            );

    [GeneratedRegex(@"\{\*?(?<name>[A-Za-z]+)[^}]*\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();
}
