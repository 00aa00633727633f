using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Templates;

namespace WebTrainer.ModelBenchmarks;

/// <summary>Chat templates of real models, each with the same conversations, as prompt and as training text.</summary>
internal static class Templates
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Kinds of conversation, with the tools that are offered in them.</summary>
    private static readonly (string Kind, string Messages, bool Tools)[] s_conversations =
    [
        (
            "plain",
            """[{"role":"user","content":" Wie spät ist es? <b>&\"'\n"},{"role":"assistant","content":"Noon, 12 o'clock."}]""",
            false
        ),
        (
            "system",
            """[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."}]""",
            false
        ),
        (
            "turns",
            """[{"role":"user","content":"1"},{"role":"assistant","content":"2"},{"role":"user","content":"می‌خواهم 🙂"},{"role":"assistant","content":" 4\n"}]""",
            false
        ),
        (
            "thoughts",
            """[{"role":"user","content":"1"},{"role":"assistant","content":"<think>\nhm\n</think>\n\n2"},{"role":"user","content":"3"},{"role":"assistant","content":"<think>\nso\n</think>\n\n4"}]""",
            false
        ),
        ("tools offered", """[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."}]""", true),
        (
            "tool called",
            """[{"role":"system","content":"Be brief."},{"role":"user","content":"Weather in Köln?"},{"role":"assistant","content":null,"tool_calls":[{"id":"call00001","type":"function","function":{"name":"weather","arguments":{"city":"Köln","days":2}}}]},{"role":"tool","content":"{\"t\": 21.5}","name":"weather","tool_call_id":"call00001"},{"role":"assistant","content":"21.5 °C"}]""",
            true
        ),
        (
            "tool to be called",
            """[{"role":"user","content":"Weather?"},{"role":"assistant","content":"","tool_calls":[{"id":"call00001","type":"function","function":{"name":"weather","arguments":{"city":"Köln","days":2}}},{"id":"call00002","type":"function","function":{"name":"weather","arguments":{"city":"Ḥaifa","exact":true}}}]}]""",
            true
        ),
    ];

    private const string Tools = """
        [{"type":"function","function":{"name":"weather","description":"Says \"the weather\" of a <city>","parameters":{"type":"object","properties":{"city":{"type":"string","description":"Where"},"days":{"type":"integer","enum":[1,2,3],"default":1},"tags":{"type":"array","items":{"type":"string"}},"where":{"type":"object","properties":{"lat":{"type":"number","minimum":-90.0}},"required":["lat"]}},"required":["city"]}}}]
        """;

    /// <summary>Writes what both sides render.</summary>
    public static void Write(string folder)
    {
        foreach (var path in Directory.GetDirectories(folder))
        {
            var (template, tokens) = Read(path);
            var cases = new JsonArray();
            foreach (var (_, messages, tools) in s_conversations)
            {
                foreach (var isPrompt in (bool[])[true, false])
                {
                    var conversation = (JsonArray)JsonNode.Parse(messages)!;
                    if (isPrompt)
                    {
                        conversation.RemoveAt(conversation.Count - 1);
                    }

                    var variables = (JsonObject)tokens.DeepClone();
                    variables["messages"] = conversation;
                    variables["add_generation_prompt"] = isPrompt;
                    variables["tools"] = tools ? JsonNode.Parse(Tools) : null;
                    variables["documents"] = null;
                    cases.Add(new JsonObject { ["template"] = template, ["variables"] = variables });
                }
            }

            File.WriteAllText(Path.Combine(path, "cases.json"), cases.ToJsonString(s_json));
        }
    }

    /// <summary>A table of texts that are equal, that differ, and that both or one side refuse.</summary>
    public static void Compare(string folder, string texts)
    {
        Console.WriteLine("| template | equal | refused by both | different | refused by one |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        var sums = new int[4];
        foreach (var path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "cases.json"))).RootElement.EnumerateArray().ToList();
            var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(texts, name + ".json"))).RootElement.EnumerateArray().ToList();
            var counts = new int[4];
            for (var i = 0; i < cases.Count; i++)
            {
                var (here, fault) = Render(cases[i]);
                var there = expected[i].GetString();
                var outcome =
                    here == there
                        ? here is null
                            ? 1
                            : 0
                        : here is null || there is null
                            ? 3
                            : 2;
                counts[outcome]++;
                sums[outcome]++;
                if (outcome > 1 && Environment.GetEnvironmentVariable("SHOW") is not null)
                {
                    Console.WriteLine(
                        $"    {s_conversations[i / 2].Kind}, {(i % 2 == 0 ? "prompt" : "text")}: {fault}\n      {JsonSerializer.Serialize(there, s_json)}\n      {JsonSerializer.Serialize(here, s_json)}"
                    );
                }
            }

            Console.WriteLine($"| {name} | {string.Join(" | ", counts)} |");
        }

        Console.WriteLine($"| all | {string.Join(" | ", sums)} |");
    }

    private static (string? Text, string? Fault) Render(JsonElement one)
    {
        try
        {
            return (new JinjaEngine(one.GetProperty("template").GetString()!).Render(one.GetProperty("variables")), null);
        }
        catch (TemplateException exception)
        {
            return (null, exception.Message);
        }
    }

    private static (string Template, JsonObject Tokens) Read(string folder)
    {
        var (tokens, file) = (
            new JsonObject { ["bos_token"] = "<s>", ["eos_token"] = "</s>" },
            Path.Combine(folder, "chat_template.jinja")
        );
        if (File.Exists(file))
        {
            return (File.ReadAllText(file), tokens);
        }

        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer_config.json")))!;
        foreach (var name in (string[])["bos_token", "eos_token", "pad_token", "unk_token"])
        {
            if ((config[name] is JsonObject token ? token["content"] : config[name]) is { } text)
            {
                tokens[name] = text.DeepClone();
            }
        }

        return ((string)config["chat_template"]!, tokens);
    }
}
