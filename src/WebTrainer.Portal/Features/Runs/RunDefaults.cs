using WebTrainer.Models;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Settings a run starts from, by the kind of answers it learns and by the lengths of its rows.</summary>
public static class RunDefaults
{
    /// <summary>Contexts are multiples of this.</summary>
    private const int ContextStep = 64;

    /// <summary>Tokens of one forward pass that small machines have room for.</summary>
    private const int TokensOfBatch = 8_192;

    /// <summary>A row so many times as long as 99 of 100 others is cut: it would have all of them make room for it.</summary>
    private const int FarTooLong = 3;

    // Many short rows with few answers: the settings found on Banking77 (benchmarks/banking77) for the small base that ships.
    private static readonly (MethodSpec, TrainingSettings) s_labels = (
        new MethodSpec(),
        new TrainingSettings
        {
            ContextTokens = 128,
            Epochs = 8,
            PromptDropout = 0.2,
        }
    );

    // Free answers: gentler, so that less of the general language is forgotten; longer, smaller batches.
    private static readonly (MethodSpec, TrainingSettings) s_freeText = (
        new MethodSpec { Rank = 16, Targets = MethodSpec.AllLinear },
        new TrainingSettings
        {
            LearningRate = 1e-3,
            Epochs = 3,
            MicroBatch = 8,
            Accumulation = 2,
        }
    );

    /// <summary>An encoder needs about so many steps to learn labels, and passes over few rows so often at most.</summary>
    private const int EncoderSteps = 200,
        MostEncoderEpochs = 20;

    /// <summary>Of more rows than these, larger batches lose nothing and take less time.</summary>
    private const long ManyRows = 2_000;

    /// <summary>
    /// So few labels are learned in some tens of steps; the rate that suits many of them breaks the encoder afterwards, and all rows get
    /// one answer (benchmarks/classify).
    /// </summary>
    private const int FewLabels = 5;

    /// <summary>
    /// Few labels that can hardly be told from the text are soon learned by heart: a run ends after so many validations without gain, and
    /// keeps the best (benchmarks/classify, pubmedqa).
    /// </summary>
    private const int PatienceOfFewLabels = 3;

    /// <summary>The head that an encoder gets unless somebody chooses otherwise (benchmarks/classify).</summary>
    public static ClassifierSpec Classifier { get; } = new() { Dropout = 0.1 };

    /// <param name="rows">Null where nobody has measured them.</param>
    /// <param name="mostContext">Tokens that the model reads at once; 0 where it doesn't say.</param>
    /// <param name="encoder">The base is one.</param>
    /// <param name="namedTargets">Its layers are called as Llama's.</param>
    /// <param name="shipped">It is the small base that came with the program, which hardly knows the words of labels.</param>
    public static TuningSettings For(
        DatasetFiles data,
        RowLengths? rows,
        int mostContext,
        bool encoder = false,
        bool namedTargets = true,
        bool shipped = true
    )
    {
        var (method, training) =
            encoder ? Encoder(data.Train?.Rows ?? 0, data.Labels?.Count ?? 0)
            : data.Labels is null ? s_freeText
            : s_labels;
        var needed = rows is null ? 0 : Math.Min(rows.Most, FarTooLong * rows.P99);
        var context = Math.Max(training.ContextTokens, (needed + ContextStep - 1) / ContextStep * ContextStep);
        return new TuningSettings(
            new ObjectiveSpec(),
            method with
            {
                Targets = encoder ? [MethodSpec.AllLinearName] : Targets(method, namedTargets, shipped),
            },
            encoder ? Classifier : null,
            WithContext(training, mostContext > 0 ? Math.Min(context, mostContext) : context)
        );
    }

    /// <summary>The layers that get an adapter where nobody chose them.</summary>
    /// <param name="method">What it names is kept on the shipped base; nothing there means all that the method takes.</param>
    /// <param name="namedTargets">The layers are called as Llama's.</param>
    /// <param name="shipped">It is the small base that came with the program.</param>
    public static IReadOnlyList<string> Targets(MethodSpec method, bool namedTargets, bool shipped)
    {
        if (!namedTargets)
        {
            return [MethodSpec.AllLinearName];
        }

        var named = method.Targets.Count == 0 ? MethodSpec.Everything : method.Targets;
        return shipped && MethodRules.WhyNot(method with { Targets = named }) is null ? named : MethodSpec.AllLinear; // with embedding and head, PEFT's own merging is wrong where they are one matrix (MergeAdvice)
    }

    /// <summary>An encoder that learns labels (benchmarks/classify).</summary>
    private static (MethodSpec Method, TrainingSettings Training) Encoder(long rows, int labels)
    {
        var (many, few) = (rows > ManyRows, labels <= FewLabels);
        var batch = many ? 64 : 32;
        return (
            new MethodSpec
            {
                Rank = 16,
                Alpha = 32,
                Targets = [MethodSpec.AllLinearName],
            },
            new TrainingSettings
            {
                LearningRate =
                    few ? 5e-4
                    : many ? 3e-3
                    : 2e-3,
                Schedule = LearningRateSchedule.Linear,
                WarmupShare = 0.1,
                MicroBatch = batch,
                ContextTokens = 128,
                PromptDropout = 0.1,
                CheckpointEverySteps = 0,
                Patience = few ? PatienceOfFewLabels : 0,
                Epochs = Math.Clamp(Math.Ceiling((double)EncoderSteps * batch / Math.Max(1, rows)), 6, MostEncoderEpochs),
            }
        );
    }

    /// <summary>Encoders learn labels best; everything else needs a model that writes.</summary>
    /// <returns>Null where this server has no model to start from.</returns>
    public static BaseModel? BaseFor(DatasetFiles data, IReadOnlyList<BaseModel> models) =>
        (data.Labels is null ? null : models.FirstOrDefault(model => model.IsEncoder))
        ?? models.FirstOrDefault(model => !model.IsEncoder)
        ?? (models is [var only, ..] ? only : null);

    /// <summary>Longer rows go fewer at once, and as many to a step.</summary>
    private static TrainingSettings WithContext(TrainingSettings training, int context)
    {
        var rowsOfStep = training.MicroBatch * training.Accumulation;
        var batch = training.MicroBatch;
        while (batch > 1 && batch * context > TokensOfBatch)
        {
            batch /= 2;
        }

        return training with
        {
            ContextTokens = context,
            MicroBatch = batch,
            Accumulation = rowsOfStep / batch,
        };
    }
}
