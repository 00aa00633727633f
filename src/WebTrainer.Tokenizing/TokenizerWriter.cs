using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Writes a byte-level vocabulary as Hugging Face's <c>tokenizer.json</c> and <c>tokenizer_config.json</c>.</summary>
public static class TokenizerWriter
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, IndentSize = 1 };

    /// <summary>Writes both files, each whole or not at all; the folder is made where there is none.</summary>
    /// <param name="vocabulary">Whose special tokens are those of <see cref="SpecialTokens.All"/>, which the chat template names.</param>
    /// <param name="contextTokens">Tokens of the longest sequence that the model reads.</param>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public static void Write(BpeVocabulary vocabulary, string folder, int contextTokens)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, "tokenizer.json"), Describe(vocabulary).ToJsonString(s_indented));
        AtomicFile.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), Configure(contextTokens).ToJsonString(s_indented));
    }

    private static JsonObject Describe(BpeVocabulary vocabulary)
    {
        var names = vocabulary.TokenBytes().Select(bytes => ByteAlphabet.Write(bytes)).ToList();
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = AddedTokens(vocabulary.SpecialTokens, firstId: names.Count),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["vocab"] = new JsonObject(names.Select((name, id) => KeyValuePair.Create(name, (JsonNode?)JsonValue.Create(id)))),
                ["merges"] = new JsonArray([
                    .. vocabulary.Merges.Select(pair => JsonValue.Create($"{names[pair.Left]} {names[pair.Right]}")),
                ]),
            },
        };
    }

    private static JsonArray AddedTokens(IReadOnlyList<string> tokens, int firstId) =>
        new([
            .. tokens.Select(
                (token, index) =>
                    new JsonObject
                    {
                        ["id"] = firstId + index,
                        ["content"] = token,
                        ["single_word"] = false,
                        ["lstrip"] = false,
                        ["rstrip"] = false,
                        ["normalized"] = false,
                        ["special"] = true,
                    }
            ),
        ]);

    private static JsonObject ByteLevel() =>
        new()
        {
            ["type"] = "ByteLevel",
            ["add_prefix_space"] = false,
            ["trim_offsets"] = true,
            ["use_regex"] = true,
        };

    private static JsonObject Configure(int contextTokens) =>
        new()
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["bos_token"] = SpecialTokens.Begin,
            ["eos_token"] = SpecialTokens.End,
            ["pad_token"] = SpecialTokens.Padding,
            ["add_bos_token"] = false,
            ["add_prefix_space"] = false,
            ["clean_up_tokenization_spaces"] = false,
            ["model_max_length"] = contextTokens,
            ["chat_template"] =
                "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}"
                + "{% if message.role == 'assistant' %}<|end|>{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}",
        };
}
