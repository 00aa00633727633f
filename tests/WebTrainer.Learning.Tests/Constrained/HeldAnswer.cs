using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace WebTrainer.Learning.Tests.Constrained;

/// <summary>
/// Whether an answer validates. The validator counts what a reader sees as one character, JSON schema code points; so what could
/// join with what stands before it is put in by a letter, one for one.
/// </summary>
internal static class HeldAnswer
{
    /// <summary>Beyond ASCII, in names of <see cref="RandomSchema"/>.</summary>
    private const string Kept = "ïسن";

    public static bool Holds(string schema, string answer) =>
        JsonSchema.FromText(schema).Evaluate(JsonSerializer.SerializeToElement(Plain(JsonNode.Parse(answer)))).IsValid;

    private static JsonNode? Plain(JsonNode? node) =>
        node switch
        {
            JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Plain(member.Value)))),
            JsonArray items => new JsonArray([.. items.Select(Plain)]),
            JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(Plain(value.GetValue<string>())),
            _ => node?.DeepClone(),
        };

    private static string Plain(string text) => string.Concat(text.EnumerateRunes().Select(rune => IsKept(rune) ? rune.ToString() : "x"));

    private static bool IsKept(Rune rune) => rune.Value is >= ' ' and <= '~' || Kept.EnumerateRunes().Contains(rune);
}
