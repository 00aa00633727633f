using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>How the residual stream is brought to one scale.</summary>
public enum NormKind
{
    /// <summary>x / rms(x) · g</summary>
    Rms,

    /// <summary>x / rms(x) · (1 + g), Gemma's way of storing gains.</summary>
    RmsPlusOne,

    /// <summary>(x - mean) / deviation · g + b</summary>
    Layer,
}

/// <summary>Where norms stand in a layer.</summary>
public enum ResidualKind
{
    /// <summary>
    /// <c>h = x + attention(norm(x)); y = h + feedForward(norm(h))</c>; some families have norms behind the two parts too (Gemma 2), or
    /// only there (OLMo 2).
    /// </summary>
    PreNorm,

    /// <summary><c>y = x + attention(norm(x)) + feedForward(norm'(x))</c></summary>
    Parallel,

    /// <summary><c>h = norm(x + attention(x)); y = norm(h + feedForward(h))</c></summary>
    PostNorm,
}

/// <summary>The function between the maps of a feed-forward part or a head.</summary>
public enum ActivationKind
{
    /// <summary><c>x·σ(x)</c> (arXiv:1702.03118).</summary>
    Silu,

    /// <summary><c>x·Φ(x)</c>, with the error function (arXiv:1606.08415).</summary>
    Gelu,

    /// <summary>The tanh approximation of gelu.</summary>
    GeluTanh,

    /// <summary><c>max(0, x)</c></summary>
    Relu,

    /// <summary>Only in heads that classify.</summary>
    Tanh,
}

/// <summary>What norms of queries and keys go over.</summary>
public enum HeadNormKind
{
    /// <summary>Neither queries nor keys are normalised.</summary>
    None,

    /// <summary>The channels of each head (Qwen3, Gemma 3).</summary>
    ByHead,

    /// <summary>All heads together (OLMo 2).</summary>
    Whole,
}

/// <summary>How query, key and value maps are stored.</summary>
public enum QueryKeyValueKind
{
    /// <summary>A matrix for each of the three, as most families have it.</summary>
    Separate,

    /// <summary>One matrix, all queries, then all keys, then all values (GPT-2, ModernBERT).</summary>
    Joined,

    /// <summary>One matrix, query, key and value of one head after the other (GPT-NeoX).</summary>
    JoinedByHead,
}

/// <summary>
/// Sizes, constants and shape of a transformer. One code runs every family: what they differ in is written here, and
/// <see cref="ModelFamilies"/> reads it from Hugging Face's <c>config.json</c>.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>The family, Hugging Face's <c>model_type</c>.</summary>
    public string Type { get; init; } = "llama";

    /// <summary>The model is of images too, and only its text part is read.</summary>
    public bool IsTextPart { get; init; }

    /// <summary>Rows of the embedding; at least the tokenizer's tokens, often more for the sake of speed.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream, the last dimension of hidden states.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Layers of a decoder or encoder; of an encoder-decoder, of its encoder.</summary>
    public required int Layers { get; init; }

    /// <summary>Heads of the queries; the width of the queries is this times <see cref="HeadSize"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads; each serves <see cref="Heads"/> / this many query heads (arXiv:2305.13245).</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Channels of a head; times <see cref="Heads"/> it need not be the hidden width.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Longest sequence the model was trained for, in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Added to the mean square or variance that a norm divides by.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Null where positions are not rotations.</summary>
    public RotaryConfig? Rotary { get; init; } = new();

    /// <summary>The output head is the embedding matrix.</summary>
    public bool TiedHead { get; init; } = true;

    /// <summary>Which norm stands everywhere; root mean square where nothing is said.</summary>
    public NormKind Norm { get; init; }

    /// <summary>Layer norms add an offset; root mean square norms never do.</summary>
    public bool NormBias { get; init; } = true;

    /// <summary>Where norms stand in a layer, and whether its two parts follow each other.</summary>
    public ResidualKind Residual { get; init; }

    /// <summary>Inside the feed-forward part.</summary>
    public ActivationKind Activation { get; init; }

    /// <summary>The feed-forward part multiplies by a gate (arXiv:2002.05202).</summary>
    public bool Gated { get; init; } = true;

    /// <summary>Gate and what it multiplies are one matrix, the gate first (ModernBERT).</summary>
    public bool JoinedGate { get; init; }

    /// <summary>The maps inside the layers are stored as <c>[in, out]</c> (GPT-2).</summary>
    public bool TransposedMaps { get; init; }

    /// <summary>Every token sees every other, as in an encoder; else itself and those before it.</summary>
    public bool BothWays { get; init; }

    /// <summary>Whether the maps to queries, keys and values are one matrix or three.</summary>
    public QueryKeyValueKind QueryKeyValue { get; init; }

    /// <summary>The maps to queries, keys and values add an offset.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>The map behind attention adds an offset.</summary>
    public bool OutputBias { get; init; }

    /// <summary>The maps of the feed-forward part add an offset.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Over what queries and keys are normalised before they turn; not at all where nothing is said.</summary>
    public HeadNormKind HeadNorm { get; init; }

    /// <summary>
    /// Tokens that a token of a windowed layer sees, itself included (arXiv:2310.06825), or how far it sees to either side if it sees
    /// both ways; null where it sees all.
    /// </summary>
    public int? Window { get; init; }

    /// <summary>Layers below this one see everything in spite of <see cref="Window"/>.</summary>
    public int FirstWindowedLayer { get; init; }

    /// <summary>Every so many layers one sees everything in spite of <see cref="Window"/>; 0 for none (ModernBERT, Gemma).</summary>
    public int WholeSightEvery { get; init; }

    /// <summary>The first layer of <see cref="WholeSightEvery"/>.</summary>
    public int WholeSightFirst { get; init; }

    /// <summary>Which layers are windowed where the file lists them one by one; null where the other keys say it.</summary>
    public IReadOnlyList<bool>? WindowedLayers { get; init; }

    /// <summary>Which layers turn queries and keys by position where not all do (SmolLM3); null where all do.</summary>
    public IReadOnlyList<bool>? TurningLayers { get; init; }

    /// <summary>
    /// Every so many layers, the last of them, one doesn't turn, unless <see cref="TurningLayers"/> says which; 0 for none.
    /// </summary>
    public int UnturnedEvery { get; init; }

    /// <summary>Rotations of the windowed layers; null where they are those of the others.</summary>
    public RotaryConfig? WindowRotary { get; init; }

    /// <summary>What the first layer's attention begins from was just normalised and is not again (ModernBERT).</summary>
    public bool FirstInputAsIs { get; init; }

    /// <summary>What embeddings are multiplied by: √hidden in Gemma, a constant in Granite.</summary>
    public double EmbeddingFactor { get; init; } = 1;

    /// <summary>What the two parts of a layer are multiplied by before they are added (Granite).</summary>
    public double ResidualFactor { get; init; } = 1;

    /// <summary>What the scores of the next token are multiplied by (Granite).</summary>
    public double LogitFactor { get; init; } = 1;

    /// <summary>Scores of the next token are brought between ±c by <c>c·tanh(s/c)</c> (Gemma 2); null for none.</summary>
    public double? LogitCap { get; init; }

    /// <summary>A learned vector a position is added to the embedding (GPT-2, BERT).</summary>
    public bool LearnedPositions { get; init; }

    /// <summary>
    /// The token that fills rows up, where positions are counted from the number behind it (RoBERTa); null where the first position is 0.
    /// </summary>
    public int? PositionsBehind { get; init; }

    /// <summary>Width of the embeddings where a map brings them to the hidden width (ELECTRA); null where they have it.</summary>
    public int? EmbeddingSize { get; init; }

    /// <summary>Kinds of token that have an embedding of their own (BERT's sentence A and B); 0 for none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>The checkpoint holds BERT's layer over the first token.</summary>
    public bool Pooler { get; init; }

    /// <summary>Layers of the decoder of an encoder-decoder; 0 for models of one stack.</summary>
    public int DecoderLayers { get; init; }

    /// <summary>An encoder reads the prompt, and a decoder writes the answer.</summary>
    public bool IsEncoderDecoder => DecoderLayers > 0;

    /// <summary>The token that the decoder of an encoder-decoder begins each answer with.</summary>
    public int StartId { get; init; }

    /// <summary>Tokens that an answer to a prompt has room for: the two share a decoder's context, and have one each otherwise.</summary>
    public int AnswerRoom(int promptTokens) => IsEncoderDecoder ? ContextTokens : ContextTokens - promptTokens;

    /// <summary>Tokens that a prompt has room for where so many are kept free for its answer.</summary>
    public int PromptRoom(int answerTokens) => IsEncoderDecoder ? ContextTokens : ContextTokens - answerTokens;

    /// <summary>Learned offsets of attention by distance (arXiv:1910.10683); null for none.</summary>
    public RelativePositions? Relative { get; init; }

    /// <summary>What attention's scores are multiplied by; null for 1/√head.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>Attention's scores are brought between ±c by <c>c·tanh(s/c)</c> (Gemma 2); null for none.</summary>
    public double? AttentionCap { get; init; }

    /// <summary>Each head has a sink beside the tokens it sees (gpt-oss).</summary>
    public bool Sinks { get; init; }

    /// <summary>Null where each layer has one feed-forward part.</summary>
    public ExpertConfig? Experts { get; init; }

    /// <summary>Width inside the feed-forward parts that a token goes through in one layer.</summary>
    internal int ActiveIntermediateSize => Experts is { } experts ? experts.Chosen * experts.IntermediateSize : IntermediateSize;

    /// <summary>Output of the joint or separate query, key and value maps.</summary>
    internal int QueryWidth => Heads * HeadSize;

    internal int KeyWidth => KeyValueHeads * HeadSize;

    internal int EmbeddingWidth => EmbeddingSize ?? HiddenSize;

    /// <summary>Rows of the table of positions that no first token has.</summary>
    internal int FirstPosition => PositionsBehind + 1 ?? 0;

    internal bool IsWindowed(int layer) =>
        Window is not null
        && (
            WindowedLayers?[layer] ?? (layer >= FirstWindowedLayer && (WholeSightEvery == 0 || layer % WholeSightEvery != WholeSightFirst))
        );

    /// <summary>Whether the layer's queries and keys turn by position.</summary>
    internal bool Turns(int layer) =>
        Rotary is not null && (TurningLayers?[layer] ?? (UnturnedEvery == 0 || (layer + 1) % UnturnedEvery != 0));

    internal double AttentionScale => AttentionFactor ?? 1 / Math.Sqrt(HeadSize);

    private const long MaximumBytes = 1L << 20;

    /// <exception cref="ModelFileException">The file is malformed, its sizes are absurd, or the architecture or a key is not known
    /// here.</exception>
    public static ModelConfig Read(string folder)
    {
        var (root, confirmed) = (ReadRoot(folder), ConfirmedKeys.Read(folder));
        try
        {
            return (
                TextPart.Find(root) is { } part
                    ? ModelFamilies.Read(part, confirmed) with
                    {
                        IsTextPart = true,
                    }
                    : ModelFamilies.Read(root, confirmed)
            ).Checked();
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelFileException($"config.json can't be read: {exception.Message}", exception);
        }
    }

    /// <exception cref="ModelFileException">The file is missing, too large or no JSON.</exception>
    internal static JsonElement ReadRoot(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new ModelFileException("config.json can't be read: it is no object.");
        }
        catch (JsonException exception)
        {
            throw new ModelFileException($"config.json can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the file of a model made here, which is always a Llama.</summary>
    /// <exception cref="InvalidOperationException">The shape is no plain Llama without biases.</exception>
    public void Write(string folder)
    {
        if (Type != "llama" || QueryKeyValueBias || FeedForwardBias || Rotary?.Scaling is not (null or Llama3Scaling))
        {
            throw new InvalidOperationException("New models are Llamas without biases; others keep the config.json they came with.");
        }

        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["vocab_size"] = VocabularySize,
            ["hidden_size"] = HiddenSize,
            ["intermediate_size"] = IntermediateSize,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["head_dim"] = HeadSize,
            ["max_position_embeddings"] = ContextTokens,
            ["rms_norm_eps"] = NormEpsilon,
            ["rope_theta"] = Rotary!.Theta,
            ["rope_scaling"] = (Rotary.Scaling as Llama3Scaling)?.ToJson(),
            ["tie_word_embeddings"] = TiedHead,
            ["attention_bias"] = false,
            ["mlp_bias"] = false,
            ["hidden_act"] = "silu",
            ["torch_dtype"] = "bfloat16",
        };
        AtomicFile.WriteAllText(Path.Combine(folder, "config.json"), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <summary>Refuses sizes outside what such models have, before anything is allocated by them.</summary>
    internal ModelConfig Checked()
    {
        Require("the vocabulary", VocabularySize, 1, 1_000_000);
        Require("the hidden width", HiddenSize, 1, 65_536);
        Require("the feed-forward width", IntermediateSize, 1, 262_144);
        Require("the number of layers", Layers, 1, 512);
        Require("the number of decoder layers", DecoderLayers, 0, 512);
        Require("the number of attention heads", Heads, 1, 1024);
        Require("the number of key/value heads", KeyValueHeads, 1, Heads);
        Require("the width of a head", HeadSize, 1, 1024);
        Require("the start token", StartId, 0, VocabularySize - 1);
        Require("the padding token", PositionsBehind ?? 0, 0, VocabularySize - 1);
        Require("the context", ContextTokens, 1, 10_000_000);
        Require("the attention window", Window ?? 1, 1, 10_000_000);
        Require("the width of the embeddings", EmbeddingWidth, 1, 65_536);
        Require("the number of token types", TokenTypes, 0, 1024);
        Require("the number of relative distances", Relative?.Buckets ?? 2, 2, 4096);
        Require("the number of layers that see everything", WholeSightEvery, 0, 512);
        Require("the number of experts", Experts?.Count ?? 1, 1, 4096);
        Require("the number of experts a token takes", Experts?.Chosen ?? 1, 1, Experts?.Count ?? 1);
        Require("the width of an expert", Experts?.IntermediateSize ?? 1, 1, 262_144);
        Require("the number of layers to one with experts", Experts?.Every ?? 1, 1, 512);
        RequireFinite("factor of embeddings", EmbeddingFactor);
        RequireFinite("factor of layers", ResidualFactor);
        RequireFinite("factor of scores", LogitFactor);
        RequireFinite("factor of attention", AttentionScale);
        if (LogitCap <= 0 || AttentionCap <= 0)
        {
            throw new ModelFileException("config.json: a cap of scores must be above zero.");
        }

        if (Heads % KeyValueHeads != 0)
        {
            throw new ModelFileException("config.json: the attention heads must be a multiple of the key/value heads.");
        }

        if (Rotary is not null && RotarySize is var turned && (turned < 2 || turned % 2 != 0 || turned > HeadSize))
        {
            throw new ModelFileException($"config.json: {turned} channels of a head of {HeadSize} can't be turned in pairs.");
        }

        if (Rotary?.Scaling is LongScaling scaling)
        {
            // refuses lists of another length
            _ = (scaling.Frequencies(Rotary.Theta, RotarySize, 0), scaling.Frequencies(Rotary.Theta, RotarySize, 1));
        }

        return this;
    }

    /// <summary>Channels of a head that turn with the position.</summary>
    internal int RotarySize => Rotary is null ? 0 : (int)(HeadSize * Rotary.Share);

    private static void Require(string what, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
        {
            throw new ModelFileException($"config.json: {what} is {value}, outside {minimum} to {maximum}.");
        }
    }

    private static void RequireFinite(string what, double value)
    {
        if (!double.IsFinite(value) || value == 0)
        {
            throw new ModelFileException($"config.json: the {what} is {value}.");
        }
    }

    internal static JsonElement? Optional(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}

/// <param name="Buckets">Distances that are told apart; half of them exactly, the others in growing steps.</param>
/// <param name="MaximumDistance">From here on all distances are one.</param>
public sealed record RelativePositions(int Buckets, int MaximumDistance);
