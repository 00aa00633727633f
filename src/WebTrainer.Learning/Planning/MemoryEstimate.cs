using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Planning;

/// <summary>
/// What a training takes of memory, reckoned from its settings before anything is loaded. The terms follow from what the forward
/// pass keeps for the backward pass; two factors for what the allocator and the backward pass add were found by measuring
/// (<c>benchmarks/planner</c>).
/// </summary>
/// <param name="Process">The runtime and the numeric library, before a model is loaded.</param>
/// <param name="Weights">Of the base, as it is kept; of a teacher too.</param>
/// <param name="Learning">What learns: weights, gradients and both moments, 4 bytes each.</param>
/// <param name="Activations">What the layers keep for the backward pass.</param>
/// <param name="Scores">Scores over the vocabulary and their gradients.</param>
public sealed record MemoryEstimate(long Process, long Weights, long Learning, long Activations, long Scores)
{
    private const double ActivationFactor = 2.25,
        ScoreCopies = 3.0,
        DoraCopies = 1.3;
    private const int BytesOfLearning = 16,
        PiecesOfNorms = 3;
    private const long PieceOfNorms = 16L << 20; // as Privacy/UnitGradient works on at once
    private const double PackedBytesAWeight = 4.13 / 8;

    /// <summary>What a private training keeps of each map until the norms of all rows are known; 0 of others.</summary>
    public long Recorded { get; private init; }

    /// <summary>The sum of the six, in bytes.</summary>
    public long Total => Process + Weights + Learning + Activations + Scores + Recorded;

    /// <param name="config">Of the model that learns.</param>
    /// <param name="spec">Method, objective and training settings.</param>
    /// <param name="shape">Of the largest forward pass.</param>
    /// <param name="bytes">Of an element of the compute type.</param>
    /// <param name="process">Resident bytes before a model is loaded.</param>
    /// <param name="teacher">The larger model that is learned from; null for none.</param>
    public static MemoryEstimate Of(ModelConfig config, TrainSpec spec, PassShape shape, int bytes, long process, ModelConfig? teacher)
    {
        var full = spec.Method.Method == TuningMethod.Full;
        var all = Parameters(config);
        double maps = ParameterShapes
            .Of(config)
            .Where(weight => weight.Shape.Length == 2 && !IsEdge(weight.Name))
            .Sum(weight => Product(weight.Shape));
        // All weights cast once a step; or the base as its file has it, whose pages stay in memory beside what was packed of them.
        var weights = (all * bytes) + (spec.Method.Method == TuningMethod.QLoRA ? maps * PackedBytesAWeight : 0);
        var learning = full ? all : AdapterParameters(config, spec.Method);
        var (preferences, loss) = (spec.Objective.Kind == ObjectiveKind.Preferences, spec.Objective.Loss);
        var sequences = preferences && loss != PreferenceLoss.Kto ? 2 : 1;
        // ORPO scores the chosen texts whole.
        var scored =
            (sequences * shape.LearnedTokens)
            + (preferences && loss == PreferenceLoss.Orpo ? ((long)shape.Rows * shape.Tokens) - shape.LearnedTokens : 0);
        return new(
            process,
            (long)(weights + (teacher is null ? 0 : Parameters(teacher) * bytes)),
            (long)(learning * BytesOfLearning),
            (long)(ActivationFactor * bytes * sequences * ActivationElements(config, spec, shape)),
            (long)(
                ScoreCopies * (spec.Objective.Kind == ObjectiveKind.Answers ? bytes : 2 * sizeof(float)) * scored * config.VocabularySize
            )
        )
        {
            Recorded = spec.Privacy is { IsOn: true } ? RecordedBytes(config, spec.Method, shape, bytes) : 0,
        };
    }

    /// <summary>
    /// Of each map the product of each row, where a row is longer than the rank; else of each place what came back, and what the two
    /// factors had between them. And the pieces that norms are taken of.
    /// </summary>
    private static long RecordedBytes(ModelConfig config, MethodSpec method, PassShape shape, int bytes)
    {
        var kept = ParameterShapes
            .Of(config)
            .Where(weight => weight.Shape.Length == 2)
            .Sum(weight =>
                Targets(method, config, weight.Name)
                * (
                    method.Rank < shape.Tokens
                        ? (double)shape.Rows * method.Rank * (weight.Shape[0] + weight.Shape[1]) * sizeof(float)
                        : (double)shape.Rows * shape.Tokens * (weight.Shape[0] + (2 * method.Rank)) * bytes
                )
            );
        return (long)(ActivationFactor * kept) + (PiecesOfNorms * PieceOfNorms);
    }

    /// <summary>Weights that an adapter adds: rank · (in + out) of each map.</summary>
    private static double AdapterParameters(ModelConfig config, MethodSpec method) =>
        ParameterShapes
            .Of(config)
            .Where(weight => weight.Shape.Length == 2)
            .Sum(weight => Targets(method, config, weight.Name) * (double)method.Rank * (weight.Shape[0] + weight.Shape[1]));

    /// <returns>1 where the map gets a change, 2 where an embedding that is the head too gets two, else 0.</returns>
    private static int Targets(MethodSpec method, ModelConfig config, string name)
    {
        if (method.Targets is [MethodSpec.AllLinearName])
        {
            return IsEdge(name) ? 0 : 1;
        }

        var module = name.Split('.')[^2];
        var itself = method.Targets.Contains(module) ? 1 : 0;
        return module == "embed_tokens" && config.TiedHead && method.Targets.Contains("lm_head") ? itself + 1 : itself;
    }

    private static double ActivationElements(ModelConfig config, TrainSpec spec, PassShape shape)
    {
        if (!config.IsEncoderDecoder)
        {
            return StackElements(
                config,
                spec,
                config.Layers,
                (double)shape.Rows * shape.Tokens,
                LayerElements(config, spec, shape.Rows, shape.Tokens)
            );
        }

        var (rows, prompt, answer) = (shape.Rows, shape.PromptTokens, shape.AnswerTokens);
        var decoder = LayerElements(config, spec, rows, answer) + CrossElements(config, rows, answer, prompt);
        return StackElements(config, spec, config.Layers, (double)rows * prompt, LayerElements(config, spec, rows, prompt))
            + StackElements(config, spec, config.DecoderLayers, (double)rows * answer, decoder);
    }

    /// <summary>Beside what is kept stand one layer's gradients, and where it is computed again, that layer too.</summary>
    /// <param name="config">Gives the hidden width.</param>
    /// <param name="spec">Says whether layers are computed again.</param>
    /// <param name="layers">How many there are.</param>
    /// <param name="tokens">Of the whole pass, padding counted.</param>
    /// <param name="layer">What one layer keeps.</param>
    private static double StackElements(ModelConfig config, TrainSpec spec, int layers, double tokens, double layer) =>
        spec.Training.GradientCheckpointing ? (tokens * config.HiddenSize * layers) + (3 * layer) : layer * (layers + 1);

    private static double LayerElements(ModelConfig config, TrainSpec spec, int rows, int tokensOfRow)
    {
        double tokens = (double)rows * tokensOfRow;
        double q = config.QueryWidth,
            kv = config.KeyValueHeads * config.HeadSize,
            h = config.HiddenSize,
            i = config.ActiveIntermediateSize;
        var widened = config.KeyValueHeads < config.Heads ? 2 * q : 0;
        // Residual stream and norms; queries, keys and values before and after they turn; what they mix to; the feed-forward part.
        var layer =
            (tokens * ((4 * h) + (2 * (q + kv)) + kv + widened + (2 * q) + ((config.Gated ? 3 : 2) * i)))
            + ((double)rows * config.Heads * tokensOfRow * tokensOfRow);
        // of DoRA, what each map gives, before it is scaled by row
        return spec.Method.Method == TuningMethod.DoRA
            ? layer + (tokens * DoraCopies * (q + (2 * kv) + h + ((config.Gated ? 2 : 1) * i) + h))
            : layer;
    }

    /// <summary>Residual stream and norm, queries and what they mix to; keys and values of the prompt; the weights between them.</summary>
    private static double CrossElements(ModelConfig config, int rows, int answer, int prompt) =>
        ((double)rows * answer * ((2 * config.HiddenSize) + (3 * config.QueryWidth)))
        + (2.0 * rows * prompt * config.KeyWidth)
        + ((double)rows * config.Heads * answer * prompt);

    private static bool IsEdge(string name) =>
        name.Contains("embed", StringComparison.Ordinal)
        || name.Contains("head", StringComparison.Ordinal)
        || name.Contains("shared", StringComparison.Ordinal)
        || name.Contains("relative_attention", StringComparison.Ordinal)
        || name.Contains("wte", StringComparison.Ordinal)
        || name.Contains("wpe", StringComparison.Ordinal);

    private static double Parameters(ModelConfig config) => ParameterShapes.Of(config).Sum(weight => Product(weight.Shape));

    private static double Product(long[] shape) => shape.Aggregate(1.0, (product, size) => product * size);
}

/// <summary>The largest forward pass of a training.</summary>
/// <param name="Rows">Sequences that are run together.</param>
/// <param name="Tokens">Of its longest row, to which the others are padded.</param>
/// <param name="LearnedTokens">Positions whose scores are needed.</param>
public sealed record PassShape(int Rows, int Tokens, long LearnedTokens)
{
    /// <summary>Of the longest prompt, to which the encoder of an encoder-decoder pads the others.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Of the longest answer, which its decoder reads.</summary>
    public int AnswerTokens { get; init; }
}
