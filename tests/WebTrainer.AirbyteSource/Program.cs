using System.Text.Json;
using System.Text.Json.Nodes;

// A source that speaks the Airbyte protocol: tickets with growing numbers, of which each sync gives those that are new.
// Its configuration says how many there are by now, and in which way it should fail.
var verb = args.FirstOrDefault() ?? "";
var config = Option("--config") is { } file ? JsonNode.Parse(File.ReadAllText(file))! : new JsonObject();
var tickets = (int?)config["tickets"] ?? 0;
var fails = (string?)config["fails"] ?? "";
Console.WriteLine("this line is chatter and no message");
Console.Error.WriteLine("starting");
switch (verb)
{
    case "check":
        var good = (string?)config["password"] == "right";
        Say(
            new
            {
                type = "CONNECTION_STATUS",
                connectionStatus = new { status = good ? "SUCCEEDED" : "FAILED", message = good ? "" : "the password is wrong" },
            }
        );
        return 0;
    case "discover":
        Say(new { type = "CATALOG", catalog = new { streams = new[] { Stream("tickets"), Stream("people") } } });
        return 0;
    case "read":
        return Read();
    default:
        return 2;
}

int Read()
{
    var asked = (string?)JsonNode.Parse(File.ReadAllText(Option("--catalog")!))!["streams"]![0]!["stream"]!["name"];
    var last = Option("--state") is { } state
        ? (int)JsonNode.Parse(File.ReadAllText(state))![0]!["stream"]!["stream_state"]!["number"]!
        : 0;
    Say(new { type = "LOG", log = new { level = "INFO", message = "reading" } });
    for (var i = last + 1; i <= tickets; i++)
    {
        Say(
            new
            {
                type = "RECORD",
                record = new
                {
                    stream = "other",
                    data = new { question = "not asked for", answer = "x" },
                    emitted_at = 1,
                },
            }
        );
        Say(
            new
            {
                type = "RECORD",
                record = new
                {
                    stream = asked,
                    data = new
                    {
                        number = i,
                        question = $"What is ticket {i}?",
                        answer = $"It is number {i}.",
                    },
                    emitted_at = 1,
                },
            }
        );
        if (fails == "halfway" && i == last + 2)
        {
            Say(
                new
                {
                    type = "TRACE",
                    trace = new
                    {
                        type = "ERROR",
                        emitted_at = 1,
                        error = new { message = "the server went away", failure_type = "system_error" },
                    },
                }
            );
            return 1;
        }
    }

    if (fails == "hangs")
    {
        Thread.Sleep(Timeout.Infinite);
    }

    Say(
        new
        {
            type = "STATE",
            state = new
            {
                type = "STREAM",
                stream = new { stream_descriptor = new { name = asked }, stream_state = new { number = tickets } },
            },
        }
    );
    return 0;
}

static object Stream(string name) =>
    new
    {
        name,
        json_schema = new { type = "object" },
        supported_sync_modes = new[] { "full_refresh", "incremental" },
        source_defined_cursor = true,
        default_cursor_field = new[] { "number" },
    };

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

static void Say(object message) => Console.WriteLine(JsonSerializer.Serialize(message));
