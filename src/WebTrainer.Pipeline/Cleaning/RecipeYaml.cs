using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>Recipes as YAML: the same keys and values as in JSON, easier to read and to keep beside code.</summary>
internal static class RecipeYaml
{
    private const int MaxLength = 2_000_000;
    private const int MaxNodes = 50_000;

    public static string Write(string json)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new YamlStream(new YamlDocument(ToYaml(JsonNode.Parse(json)))).Save(text, assignAnchors: false);
        // The library ends a document with a mark that one document needs not.
        return text.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    /// <returns>The same as JSON.</returns>
    /// <exception cref="DataProblemException">It is no YAML; names the line.</exception>
    public static string Read(string yaml)
    {
        if (yaml.Length > MaxLength) throw new DataProblemException($"A recipe has at most {MaxLength:N0} characters.");
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count != 1) throw new DataProblemException("A recipe is one YAML document.");
            var left = MaxNodes;
            return ToJson(stream.Documents[0].RootNode, ref left)?.ToJsonString() ?? "null";
        }
        catch (YamlException e)
        {
            throw new DataProblemException($"This is no recipe that was exported here: line {e.Start.Line}: {e.Message}", e.Start.Line, e);
        }
    }

    private static YamlNode ToYaml(JsonNode? node) => node switch
    {
        JsonObject parent => new YamlMappingNode(parent.SelectMany(p => (YamlNode[])[new YamlScalarNode(p.Key), ToYaml(p.Value)])),
        JsonArray list => new YamlSequenceNode(list.Select(ToYaml)),
        null => new YamlScalarNode("null"),
        JsonValue value when value.TryGetValue<string>(out var text) => new YamlScalarNode(text) { Style = NeedsQuotes(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain },
        _ => new YamlScalarNode(node.ToJsonString()),
    };

    /// <summary>What would be read as something else than a text.</summary>
    private static bool NeedsQuotes(string text) => text.Length == 0 || Plain(text) is not JsonValue value || !value.TryGetValue<string>(out _)
        || text.Trim() != text || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <param name="left">Nodes that may still come: anchors can make a small file endless.</param>
    private static JsonNode? ToJson(YamlNode node, ref int left)
    {
        if (--left < 0) throw new DataProblemException($"A recipe has at most {MaxNodes:N0} values.");
        switch (node)
        {
            case YamlMappingNode mapping:
                var parent = new JsonObject();
                foreach (var (key, value) in mapping.Children) parent[((YamlScalarNode)key).Value ?? ""] = ToJson(value, ref left);
                return parent;
            case YamlSequenceNode sequence:
                var list = new JsonArray();
                foreach (var item in sequence.Children) list.Add(ToJson(item, ref left));
                return list;
            case YamlScalarNode { Style: ScalarStyle.Plain } plain:
                return Plain(plain.Value ?? "");
            default:
                return JsonValue.Create(((YamlScalarNode)node).Value);
        }
    }

    private static JsonNode? Plain(string text)
    {
        if (text is "" or "null" or "~") return null;
        if (text is "true" or "false") return JsonValue.Create(text == "true");
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return JsonValue.Create(whole);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(text);
    }
}
