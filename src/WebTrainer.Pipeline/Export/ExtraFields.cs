using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Export;

/// <summary>
/// What a row has beside its texts, as fields of its line: programs that don't know them pass over them, and an import has them again.
/// </summary>
/// <remarks>Whether an answer is wanted is written as TRL's format of KTO has it: <c>"label": true</c>.</remarks>
internal static class ExtraFields
{
    private const string Mark = "label";

    /// <param name="line">A JSON object.</param>
    /// <returns>The same object with the row's own columns behind; one whose name the object has already is left out.</returns>
    public static string AddTo(string line, CanonicalRow row)
    {
        if (row.Extra.Count == 0)
        {
            return line;
        }

        var taken = JsonNode.Parse(line)!.AsObject().Select(field => field.Key).Append(Preferences.Rejected).ToHashSet();
        var fields = new StringBuilder(line, 0, line.Length - 1, line.Length + 64);
        if (row.Extra.TryGetValue(Preferences.Desired, out var desired) && taken.Add(Mark))
        {
            fields.Append(",\"").Append(Mark).Append("\":").Append(desired == "true" ? "true" : "false");
        }

        foreach (var (name, value) in row.Extra)
        {
            if (name != Preferences.Desired && taken.Add(name))
            {
                fields.Append(',').Append(Json(name)).Append(':').Append(Json(value));
            }
        }

        return fields.Append('}').ToString();
    }

    private static string Json(string text) => JsonSerializer.Serialize(text, ProtocolJson.Line);
}
