using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Storage;

/// <summary>A row with its columns as they are appended, made on any thread.</summary>
/// <param name="Messages">JSON; null where the conversation is the system text, the prompt and the response of the row, and nothing
/// else.</param>
/// <param name="Characters">About how many characters its columns hold in the version.</param>
internal readonly record struct StoredRow(CanonicalRow Row, string? Messages, string? Extra, long Characters)
{
    /// <summary>The conversation in SQL, also where it isn't stored.</summary>
    /// <param name="table">The version's name in the query.</param>
    public static string MessagesSql(string table) =>
        $$"""
            coalesce({{table}}.messages,
                '[' || CASE WHEN {{table}}.system IS NULL THEN '' ELSE '{"role":"system","content":' || to_json({{table}}.system)::VARCHAR || '},' END
                || '{"role":"user","content":' || to_json({{table}}.prompt)::VARCHAR || '}'
                || CASE WHEN {{table}}.response IS NULL THEN '' ELSE ',{"role":"assistant","content":' || to_json({{table}}.response)::VARCHAR || '}' END || ']')
            """;

    public static StoredRow Of(CanonicalRow row)
    {
        var messages = row.Messages switch
        {
            StoredMessages stored => stored.Json,
            _ when IsPlain(row) => null,
            _ => JsonSerializer.Serialize(row.Messages, ProtocolJson.Line),
        };
        var texts = (row.System?.Length ?? 0) + row.Prompt.Length + (row.Response?.Length ?? 0);
        return new(
            row,
            messages,
            row.Extra.Count == 0 ? null : JsonSerializer.Serialize(row.Extra, ProtocolJson.Line),
            texts + (messages?.Length ?? 0)
        );
    }

    /// <summary>Whether its conversation is its system text, prompt and response, and nothing else.</summary>
    private static bool IsPlain(CanonicalRow row)
    {
        var place = 0;
        return (row.System is null || Is(ChatRoles.System, row.System))
            && Is(ChatRoles.User, row.Prompt)
            && (row.Response is null || Is(ChatRoles.Assistant, row.Response))
            && place == row.Messages.Count;

        bool Is(string role, string text) =>
            place < row.Messages.Count
            && row.Messages[place] is var message
            && message.Role == role
            && message.Content == text
            && !message.IsOfTools
            && place++ >= 0;
    }
}
