using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Reads the checkpoints of llama2.c (first format): seven int32 sizes, then float32 weights in a fixed order. There, rotary
/// positions turn neighbouring channels; rows of query and key maps are put in Hugging Face's order, halves apart.
/// </summary>
public static class Llama2C
{
    private const int HeaderBytes = 7 * sizeof(int);

    /// <exception cref="ModelFileException">The file's length contradicts its header, or its sizes are absurd.</exception>
    public static CausalLM Load(string path)
    {
        using var file = File.OpenRead(path);
        var config = ReadHeader(file);
        var parameters = new Dictionary<string, Tensor>();
        using var scope = NewDisposeScope();
        foreach (var (name, shape) in Order(config))
        {
            var tensor = empty(shape);
            file.ReadExactly(tensor.bytes);
            Spread(parameters, name, tensor, config);
        }

        return new CausalLM(config, new ModelWeights(parameters), ScalarType.Float32);
    }

    /// <summary>Its tokenizer: a score and a piece a token.</summary>
    /// <exception cref="ModelFileException">The file is malformed.</exception>
    public static TextTokenizer LoadTokenizer(string path)
    {
        ModelFileException.ThrowIfTooLarge(path, 16L << 20);
        var bytes = File.ReadAllBytes(path);
        var pieces = new List<Piece>();
        for (var at = sizeof(int); at + 8 <= bytes.Length; )
        {
            var (score, length) = (
                BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at)),
                BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4))
            );
            if (length < 0 || length > bytes.Length - at - 8)
            {
                throw new ModelFileException($"Token {pieces.Count} of the tokenizer has a length of {length} bytes.");
            }

            pieces.Add(ReadPiece(pieces.Count, Encoding.UTF8.GetString(bytes, at + 8, length), score));
            at += 8 + length;
        }

        return new TextTokenizer(new SentencePieceVocabulary(pieces, Unigram: false, LeadingSpace: true).Build(new AddedTokens()))
        {
            BeginId = 1,
            EndId = 2,
        };
    }

    /// <summary>Ids 0 to 2 are unknown, begin and end; then come the 256 bytes.</summary>
    private static Piece ReadPiece(int id, string text, float score) =>
        id switch
        {
            0 => new(text, score, PieceKind.Unknown),
            1 or 2 => new(text.Trim(), score, PieceKind.Control),
            < 3 + 256 => new(text, score, PieceKind.Byte),
            _ => new(text.Replace(' ', '\u2581'), score, PieceKind.Normal),
        };

    private static ModelConfig ReadHeader(FileStream file)
    {
        var header = new int[7];
        file.ReadExactly(MemoryMarshal.AsBytes(header.AsSpan()));
        var config = new ModelConfig
        {
            HiddenSize = header[0],
            IntermediateSize = header[1],
            Layers = header[2],
            Heads = header[3],
            KeyValueHeads = header[4],
            VocabularySize = Math.Abs(header[5]),
            TiedHead = header[5] > 0, // a negative size says that the head is a matrix of its own
            ContextTokens = header[6],
            HeadSize = header[3] > 0 ? header[0] / header[3] : 0,
        }.Checked();
        var expected = HeaderBytes + Order(config).Sum(part => part.Shape.Aggregate(4L, (bytes, size) => bytes * size));
        return file.Length == expected
            ? config
            : throw new ModelFileException($"The llama2.c checkpoint has {file.Length} bytes; its header calls for {expected}.");
    }

    /// <summary>Parts in the order of the file; of what layers have, all layers together. An empty name is passed over.</summary>
    private static IEnumerable<(string Name, long[] Shape)> Order(ModelConfig config)
    {
        long layers = config.Layers,
            hidden = config.HiddenSize,
            inner = config.IntermediateSize,
            keys = config.KeyWidth;
        yield return ("model.embed_tokens.weight", [config.VocabularySize, hidden]);
        yield return ("input_layernorm.weight", [layers, hidden]);
        yield return ("self_attn.q_proj.weight", [layers, hidden, hidden]);
        yield return ("self_attn.k_proj.weight", [layers, keys, hidden]);
        yield return ("self_attn.v_proj.weight", [layers, keys, hidden]);
        yield return ("self_attn.o_proj.weight", [layers, hidden, hidden]);
        yield return ("post_attention_layernorm.weight", [layers, hidden]);
        yield return ("mlp.gate_proj.weight", [layers, inner, hidden]);
        yield return ("mlp.down_proj.weight", [layers, hidden, inner]);
        yield return ("mlp.up_proj.weight", [layers, inner, hidden]);
        yield return ("model.norm.weight", [hidden]);
        yield return ("", [config.ContextTokens, config.HeadSize]); // cosines and sines, which are computed here
        if (!config.TiedHead)
        {
            yield return ("lm_head.weight", [config.VocabularySize, hidden]);
        }
    }

    private static void Spread(Dictionary<string, Tensor> parameters, string name, Tensor tensor, ModelConfig config)
    {
        if (name.Length == 0 || name.StartsWith("model.", StringComparison.Ordinal) || name.StartsWith("lm_head", StringComparison.Ordinal))
        {
            if (name.Length > 0)
            {
                parameters[name] = tensor.DetachFromDisposeScope();
            }

            return;
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            var part = tensor[layer];
            var turned = name.Contains("q_proj", StringComparison.Ordinal) || name.Contains("k_proj", StringComparison.Ordinal);
            parameters[$"model.layers.{layer}.{name}"] = (
                turned ? HalvesApart(part, config.HeadSize) : part.clone()
            ).DetachFromDisposeScope();
        }
    }

    /// <summary>Rows 0, 2, 4, … of each head before rows 1, 3, 5, …</summary>
    private static Tensor HalvesApart(Tensor weight, int head) =>
        weight.view(weight.shape[0] / head, head / 2, 2, weight.shape[1]).transpose(1, 2).reshape(weight.shape).clone();
}
