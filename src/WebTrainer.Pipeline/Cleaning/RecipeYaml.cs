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

    /// <summary>Lists and maps within each other. A recipe needs five; the library reads each level by a call within a call.</summary>
    private const int MaxDepth = 32;

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
        if (yaml.Length > MaxLength)
        {
            throw new DataProblemException($"A recipe has at most {MaxLength:N0} characters.");
        }

        try
        {
            CheckDepth(yaml);
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count != 1)
            {
                throw new DataProblemException("A recipe is one YAML document.");
            }

            var left = MaxNodes;
            return ToJson(stream.Documents[0].RootNode, depth: 0, ref left)?.ToJsonString() ?? "null";
        }
        catch (YamlException e)
        {
            throw new DataProblemException($"This is no recipe that was exported here: line {e.Start.Line}: {e.Message}", e.Start.Line, e);
        }
        // The library (18.1) meets some texts that are no YAML with a fault of its own instead of a YamlException.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or NullReferenceException)
        {
            throw new DataProblemException("This is no recipe that was exported here: it is no YAML that can be read.", cause: e);
        }
    }

    private static YamlNode ToYaml(JsonNode? node) =>
        node switch
        {
            JsonObject parent => new YamlMappingNode(parent.SelectMany(p => (YamlNode[])[new YamlScalarNode(p.Key), ToYaml(p.Value)])),
            JsonArray list => new YamlSequenceNode(list.Select(ToYaml)),
            null => new YamlScalarNode("null"),
            JsonValue value when value.TryGetValue<string>(out var text) => new YamlScalarNode(text)
            {
                Style = NeedsQuotes(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain,
            },
            _ => new YamlScalarNode(node.ToJsonString()),
        };

    /// <summary>What would be read as something else than a text.</summary>
    private static bool NeedsQuotes(string text) =>
        text.Length == 0
        || Plain(text) is not JsonValue value
        || !value.TryGetValue<string>(out _)
        || text.Trim() != text
        || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Refuses what lies too deep before anything is built of it: events come one by one, at any depth.</summary>
    private static void CheckDepth(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            // The stream and the document count as levels as well.
            if (depth > MaxDepth + 2)
            {
                throw TooDeep(parser.Current.Start.Line);
            }
        }
    }

    private static DataProblemException TooDeep(long line) =>
        new($"A recipe has at most {MaxDepth} levels of lists and maps within each other: line {line}.", line);

    /// <param name="left">Nodes that may still come: anchors can make a small file endless.</param>
    private static JsonNode? ToJson(YamlNode node, int depth, ref int left)
    {
        if (--left < 0)
        {
            throw new DataProblemException($"A recipe has at most {MaxNodes:N0} values.");
        }
        // Anchors lengthen the way after the check of the text.
        if (depth > MaxDepth)
        {
            throw TooDeep(node.Start.Line);
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                var parent = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    parent[Key(key)] = ToJson(value, depth + 1, ref left);
                }

                return parent;
            case YamlSequenceNode sequence:
                var list = new JsonArray();
                foreach (var item in sequence.Children)
                {
                    list.Add(ToJson(item, depth + 1, ref left));
                }

                return list;
            case YamlScalarNode { Style: ScalarStyle.Plain } plain:
                return Plain(plain.Value ?? "");
            default:
                return JsonValue.Create(((YamlScalarNode)node).Value);
        }
    }

    private static string Key(YamlNode key) =>
        key is YamlScalarNode scalar
            ? scalar.Value ?? ""
            : throw new DataProblemException(
                $"The name of a recipe's field is a text, not a list or a map: line {key.Start.Line}.",
                key.Start.Line
            );

    private static JsonNode? Plain(string text)
    {
        if (text is "" or "null" or "~")
        {
            return null;
        }

        if (text is "true" or "false")
        {
            return JsonValue.Create(text == "true");
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return JsonValue.Create(whole);
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);
    }
}
