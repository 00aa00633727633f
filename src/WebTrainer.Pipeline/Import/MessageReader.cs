using System.Text;
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
        Weight = "weight";

    /// <summary>The keys of a message that are read.</summary>
    public static FieldSet Used { get; } = new("role", "content", "from", "value", Calls, Call, Weight);

    /// <summary>The messages of a field: a list of them, or an object that holds the list.</summary>
    public static IEnumerable<SourceFields> In(SourceFields fields, string key) =>
        fields.KindOf(key) == FieldKind.Object ? fields.Object(key).Objects("messages") : fields.Objects(key);

    /// <summary>The conversation in a field.</summary>
    /// <exception cref="BrokenRowException">A message has no text, a part that is no text, or a role that is not known.</exception>
    public List<ChatMessage> Read(SourceFields fields, string key)
    {
        var (messages, end) = (new List<ChatMessage>(), (int?)null);
        foreach (var item in In(fields, key).Take(limits.MaxMessages + 1))
        {
            if (messages.Count == limits.MaxMessages)
            {
                throw new BrokenRowException(key, $"'{key}' has more than {limits.MaxMessages} messages.");
            }

            if (Message(item, key) is not { } message)
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
    private static ChatMessage? Message(SourceFields item, string key)
    {
        var speaker = item.Text("from") ?? item.Text("role") ?? throw new BrokenRowException("role", "'role' is missing.");
        var role = Role(speaker, key);
        if (Content(item, key) is { } text)
        {
            return new ChatMessage(role, text);
        }

        if (role == ChatRoles.System || speaker is "tool" or "function" or "observation")
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

    /// <summary>Calls as the templates of many models write them, so that a model may learn to make them.</summary>
    private static IEnumerable<string> ToolCalls(SourceFields message, string key)
    {
        var calls =
            message.KindOf(Calls) == FieldKind.List
                ? message.Objects(Calls).Select(call => call.KindOf("function") == FieldKind.Object ? call.Object("function") : call)
                : [];
        if (message.KindOf(Call) == FieldKind.Object)
        {
            calls = calls.Append(message.Object(Call));
        }

        return calls.Select(call => ToolCall(call, key));
    }

    private static string ToolCall(SourceFields call, string key)
    {
        var name = call.Text("name") ?? throw new BrokenRowException(key, $"'{key}' has a message that calls a tool without name.");
        var arguments = call.KindOf("arguments") == FieldKind.Object ? call.Json("arguments") : call.Text("arguments");
        return new StringBuilder("<tool_call>\n{\"name\": ")
            .Append(JsonText.Of(name))
            .Append(", \"arguments\": ")
            .Append(IsJson(arguments) ? arguments : JsonText.Of(arguments ?? ""))
            .Append("}\n</tool_call>")
            .ToString();
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
}
