using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Import;

/// <summary>
/// Conversations as programs write them: <c>role</c> and <c>content</c> or <c>from</c> and <c>value</c>, texts or lists of text parts, with
/// calls of tools.
/// </summary>
internal sealed class MessageReader(ImportLimits limits)
{
    private const string Calls = "tool_calls",
        Call = "function_call",
        CallId = "tool_call_id",
        Weight = "weight";

    /// <summary>The field of a conversation's row with the tools that the model may call.</summary>
    public const string Tools = "tools";

    private static readonly FieldSet s_used = new("role", "content", "from", "value", Calls, Call, CallId, Weight);

    private static readonly FieldSet s_usedOfResult = new("role", "content", "from", "value", CallId, "name");

    /// <summary>The keys of a message that are read.</summary>
    public static FieldSet UsedOf(SourceFields message) =>
        message.KindOf("role") == FieldKind.Text && IsResult(message.Text("role")!) ? s_usedOfResult : s_used;

    private static bool IsResult(string speaker) => speaker is "tool" or "function" or "observation";

    /// <summary>The messages of a field: a list of them, or an object that holds the list.</summary>
    public static IEnumerable<SourceFields> In(SourceFields fields, string key) =>
        fields.KindOf(key) == FieldKind.Object ? fields.Object(key).Objects("messages") : fields.Objects(key);

    /// <summary>The conversation in a field.</summary>
    /// <exception cref="BrokenRowException">A message has no text, a part that is no text, or a role that is not known.</exception>
    public List<ChatMessage> Read(SourceFields fields, string key)
    {
        var (messages, end, calls) = (new List<ChatMessage>(), (int?)null, new CallLog());
        foreach (var item in In(fields, key).Take(limits.MaxMessages + 1))
        {
            if (messages.Count == limits.MaxMessages)
            {
                throw new BrokenRowException(key, $"'{key}' has more than {limits.MaxMessages} messages.");
            }

            if (Message(item, key, calls) is not { } message)
            {
                continue;
            }

            var learned = message.Role != ChatRoles.Assistant || IsLearned(item);
            messages.Add(learned ? message : message with { Weight = 0 });
            if (message.Role == ChatRoles.Assistant)
            {
                end = learned ? messages.Count : end ?? 0;
            }
        }

        return UpTo(messages, end, key);
    }

    /// <summary>The text of one message, with the tools that it calls.</summary>
    /// <exception cref="BrokenRowException">It has none.</exception>
    public static string Text(SourceFields message, string key) =>
        Content(message, key) ?? throw new BrokenRowException(key, $"'{key}' is a message without text.");

    /// <summary>
    /// What follows the last answer that may be learned is no part of the conversation: an answer of weight 0 must not become the one that
    /// is.
    /// </summary>
    private static List<ChatMessage> UpTo(List<ChatMessage> messages, int? end, string key)
    {
        if (end == 0)
        {
            throw new BrokenRowException(key, $"'{key}' has the weight 0 at each answer, so there is none to learn from.");
        }

        return end is { } kept && messages[^1].Role == ChatRoles.Assistant ? messages[..kept] : messages;
    }

    /// <returns>Null for a message that says nothing: an empty system text, or a tool that gave nothing back.</returns>
    private static ChatMessage? Message(SourceFields item, string key, CallLog log)
    {
        var speaker = item.Text("from") ?? item.Text("role") ?? throw new BrokenRowException("role", "'role' is missing.");
        var role = Role(speaker, key);
        if (Content(item, key) is { } text)
        {
            var isResult = IsResult(speaker);
            return new ChatMessage(role, text)
            {
                Calls = role == ChatRoles.Assistant ? log.Add(CallsOf(item)) : null,
                Result = isResult ? log.Answer(item.Text(CallId)) : null,
                Tool = isResult ? item.Text("name") : null,
            };
        }

        if (role == ChatRoles.System || IsResult(speaker))
        {
            return null;
        }

        var name = item.Names.Contains("value") ? "value" : "content";
        throw new BrokenRowException(name, item.KindOf(name) == FieldKind.Missing ? $"'{name}' is missing." : $"'{name}' is empty.");
    }

    private static string? Content(SourceFields message, string key)
    {
        var said = Said(message, "value") ?? Said(message, "content");
        string[] texts = [.. said is null ? Array.Empty<string>() : [said], .. ToolCalls(message, key)];
        return texts.Length == 0 ? null : string.Join('\n', texts);
    }

    private static string? Said(SourceFields message, string name)
    {
        var text =
            message.KindOf(name) == FieldKind.List
                ? string.Concat(message.Objects(name).Select(part => Part(part, name)))
                : message.Text(name);
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    private static string Part(SourceFields part, string name) =>
        part.Text("type") is null or "text" or "input_text" or "output_text"
            ? part.Text("text") ?? ""
            : throw new BrokenRowException(name, $"'{name}' has a part of the kind '{part.Text("type")}'; only text can be read.");

    /// <summary>Calls as text (<see cref="ToolText"/>).</summary>
    private static IEnumerable<string> ToolCalls(SourceFields message, string key)
    {
        return CallsOf(message).Select(call => ToolCall(call.KindOf("function") == FieldKind.Object ? call.Object("function") : call, key));
    }

    private static IEnumerable<SourceFields> CallsOf(SourceFields message) =>
        [
            .. message.KindOf(Calls) == FieldKind.List ? message.Objects(Calls) : [],
            .. message.KindOf(Call) == FieldKind.Object ? (SourceFields[])[message.Object(Call)] : [],
        ];

    private static string ToolCall(SourceFields call, string key)
    {
        var name = call.Text("name") ?? throw new BrokenRowException(key, $"'{key}' has a message that calls a tool without name.");
        var arguments = call.KindOf("arguments") == FieldKind.Object ? call.Json("arguments") : call.Text("arguments");
        return ToolText.Write(name, IsJson(arguments) ? arguments! : JsonText.Of(arguments ?? ""));
    }

    private static bool IsJson(string? text)
    {
        try
        {
            return text is not null && JsonNode.Parse(text) is JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return false; // a text then, as the model wrote it
        }
    }

    private static bool IsLearned(SourceFields item) => item.KindOf(Weight) != FieldKind.Number || item.Text(Weight) is not ("0" or "0.0");

    private static string Role(string name, string key) =>
        name switch
        {
            "system" or "developer" => ChatRoles.System,
            // What a tool gave back is read like a user's turn: it is no answer to learn.
            "user" or "human" or "observation" or "tool" or "function" => ChatRoles.User,
            "assistant" or "gpt" or "model" or "bot" or "chatgpt" or "function_call" => ChatRoles.Assistant,
            _ => throw new BrokenRowException(key, $"'{key}' has a message of the role '{name}', which is not supported."),
        };

    /// <summary>The calls of a conversation so far, by which results find theirs.</summary>
    private sealed class CallLog
    {
        private readonly List<string?> _ids = [];
        private int _answered;

        /// <returns>How many; null for none.</returns>
        public int? Add(IEnumerable<SourceFields> calls)
        {
            var before = _ids.Count;
            _ids.AddRange(calls.Select(call => call.Text("id")));
            return _ids.Count > before ? _ids.Count - before : null;
        }

        /// <returns>The number of the call, from 1: the one with this id, or the next; 0 where there is none.</returns>
        public int Answer(string? id)
        {
            _answered++;
            var place = id is null ? -1 : _ids.LastIndexOf(id);
            return place >= 0 ? place + 1
                : _answered <= _ids.Count ? _answered
                : 0;
        }
    }
}
