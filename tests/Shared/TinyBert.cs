using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Tests.Shared;

/// <summary>
/// A BERT folder with random weights from a seed and a small WordPiece vocabulary. Its words' vectors are large and its layers' weights
/// small, so that texts with the same words lie near each other, and others don't.
/// </summary>
internal sealed record TinyBert
{
    private const double WordDeviation = 1,
        LayerDeviation = 0.02;
    private static readonly string[] s_marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Whole words of the vocabulary, beside letters and signs.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
    public int Hidden { get; init; } = 64;
    public int Inner { get; init; } = 128;
    public int Layers { get; init; } = 2;
    public int Heads { get; init; } = 4;
    public int Context { get; init; } = 64;

    /// <summary>What stands before each weight's name, as in checkpoints of wrapped models.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Gain and offset of norms as the first BERTs name them.</summary>
    public bool OldNorms { get; init; }

    /// <summary>Writes <c>config.json</c>, <c>tokenizer.json</c> and <c>model.safetensors</c>.</summary>
    public string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        string[] vocabulary =
        [
            .. s_marks,
            .. Letters().Select(c => $"{c}"),
            .. Letters().Select(c => $"##{c}"),
            .. ".,?!'-".Select(c => $"{c}"),
            .. Words,
        ];
        vocabulary = [.. vocabulary.Distinct()];
        File.WriteAllText(Path.Combine(folder, "config.json"), Config(vocabulary.Length).ToJsonString());
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer(vocabulary).ToJsonString());
        WriteWeights(Path.Combine(folder, "model.safetensors"), Weights(vocabulary.Length));
        return folder;
    }

    private static IEnumerable<char> Letters() => Enumerable.Range('a', 26).Concat(Enumerable.Range('0', 10)).Select(c => (char)c);

    private JsonObject Config(int vocabulary) =>
        new()
        {
            ["architectures"] = new JsonArray("BertModel"),
            ["model_type"] = "bert",
            ["hidden_act"] = "gelu",
            ["hidden_size"] = Hidden,
            ["intermediate_size"] = Inner,
            ["layer_norm_eps"] = 1e-5,
            ["max_position_embeddings"] = Context,
            ["num_attention_heads"] = Heads,
            ["num_hidden_layers"] = Layers,
            ["type_vocab_size"] = 2,
            ["vocab_size"] = vocabulary,
        };

    private static JsonObject Tokenizer(string[] vocabulary) =>
        new()
        {
            ["added_tokens"] = new JsonArray([
                .. s_marks.Select(
                    (mark, id) =>
                        new JsonObject
                        {
                            ["id"] = id,
                            ["content"] = mark,
                            ["special"] = true,
                        }
                ),
            ]),
            ["normalizer"] = new JsonObject { ["type"] = "BertNormalizer", ["lowercase"] = true },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["vocab"] = new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create<string, JsonNode?>(token, id))),
            },
        };

    private Dictionary<string, (long[] Shape, float[] Values)> Weights(int vocabulary)
    {
        var (weights, random) = (new Dictionary<string, (long[], float[])>(), new Random(7));
        Matrix("embeddings.word_embeddings", vocabulary, Hidden, WordDeviation);
        Matrix("embeddings.position_embeddings", Context, Hidden, LayerDeviation);
        Matrix("embeddings.token_type_embeddings", 2, Hidden, LayerDeviation);
        Norm("embeddings");
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = $"encoder.layer.{layer}.";
            foreach (var map in (string[])["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"])
            {
                Map(name + map, Hidden, Hidden);
            }

            Norm(name + "attention.output");
            Map(name + "intermediate.dense", Inner, Hidden);
            Map(name + "output.dense", Hidden, Inner);
            Norm(name + "output");
        }

        return weights;

        void Add(string name, long[] shape, Func<int, double> value) =>
            weights[Prefix + name] = (shape, [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => (float)value(i))]);

        void Matrix(string name, int rows, int columns, double deviation) =>
            Add(name + ".weight", [rows, columns], _ => Normal(random) * deviation);

        void Map(string name, int rows, int columns)
        {
            Matrix(name, rows, columns, LayerDeviation);
            Add(name + ".bias", [rows], _ => Normal(random) * LayerDeviation);
        }

        void Norm(string of)
        {
            Add($"{of}.LayerNorm.{(OldNorms ? "gamma" : "weight")}", [Hidden], _ => 1 + (Normal(random) * LayerDeviation));
            Add($"{of}.LayerNorm.{(OldNorms ? "beta" : "bias")}", [Hidden], _ => Normal(random) * LayerDeviation);
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static void WriteWeights(string path, Dictionary<string, (long[] Shape, float[] Values)> weights)
    {
        var (header, offset) = (new JsonObject(), 0L);
        foreach (var (name, (shape, values)) in weights)
        {
            var end = offset + (values.Length * sizeof(float));
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. shape.Select(n => JsonValue.Create(n))]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        var text = JsonSerializer.SerializeToUtf8Bytes(header);
        using var stream = File.Create(path);
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        stream.Write(length);
        stream.Write(text);
        foreach (var (_, values) in weights.Values)
        {
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }
}
