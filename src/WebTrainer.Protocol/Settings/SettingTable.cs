namespace WebTrainer.Protocol.Settings;

/// <summary>
/// Every setting of a training, in the order in which people ask for them. Forms, checks, descriptions, comparisons, searches and
/// checkpoints read this table and know no setting by themselves.
/// </summary>
public static class SettingTable
{
    private static readonly SettingsOf<ObjectiveSpec> s_objective = new(
        SettingGroup.Objective,
        s => s.Objective,
        (s, objective) => s with { Objective = objective }
    );
    private static readonly SettingsOf<MethodSpec> s_method = new(
        SettingGroup.Method,
        s => s.Method,
        (s, method) => s with { Method = method }
    );
    private static readonly SettingsOf<ClassifierSpec> s_classifier = new(
        SettingGroup.Classifier,
        s => s.Classifier,
        (s, classifier) => s with { Classifier = classifier }
    );
    private static readonly SettingsOf<TrainingSettings> s_training = new(
        SettingGroup.Training,
        s => s.Training,
        (s, training) => s with { Training = training }
    );

    private static readonly SettingsOf<PrivacySpec> s_privacy = new(
        SettingGroup.Privacy,
        s => s.Privacy,
        (s, privacy) => s with { Privacy = privacy }
    );

    /// <summary>All of them, in the order in which people ask for them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [.. Objective(), .. Method(), .. Classifier(), .. Training(), .. Privacy()];

    /// <summary>The one setting of an <see cref="Setting.Id"/>.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static Setting Of(string id) => All.Single(setting => setting.Id == id);

    /// <summary>Those that have a meaning for these settings.</summary>
    public static IEnumerable<Setting> For(TuningSettings settings) => All.Where(setting => setting.Applies(settings));

    /// <summary>The same with what has no meaning together at its default, and without choices that don't fit.</summary>
    public static TuningSettings Trim(TuningSettings settings) =>
        All.Where(setting => setting.Group != SettingGroup.Classifier || settings.Classifier is not null)
            .Aggregate(
                settings,
                (trimmed, setting) =>
                    !setting.Applies(settings) ? setting.Set(trimmed, setting.Default)
                    : setting.Get(settings) is IReadOnlyList<string> several ? setting.Set(trimmed, setting.Fitting(settings, several))
                    : trimmed
            );

    private static IEnumerable<Setting> Objective()
    {
        static bool IsDecoder(TuningSettings s) => s.Classifier is null;
        yield return s_objective.Row("kind", o => o.Kind, (o, v) => o with { Kind = v }, "Learns from", "What the run makes smaller.") with
        {
            Id = "objective",
            Place = SettingPlace.What,
            Applies = IsDecoder,
            Choices =
            [
                new(nameof(ObjectiveKind.Answers), "Answers", "Learns to give the answers of the rows. The usual choice."),
                new(
                    nameof(ObjectiveKind.Preferences),
                    "Preferences",
                    "Learns from pairs which of two answers people like better, or from single answers whether they are wanted. Needs rows with a chosen and a rejected answer, or marked ones, and a base that answers already."
                ),
                new(
                    nameof(ObjectiveKind.Distillation),
                    "A larger model (distillation)",
                    "Learns the answers and, at each token, how likely a larger model of the same family finds all the others."
                ),
                new(
                    nameof(ObjectiveKind.Text),
                    "Plain text (continued pretraining)",
                    "Learns whole texts without question and answer: the language of your field before its tasks."
                ),
            ],
        };
        yield return s_objective.Row("loss", o => o.Loss, (o, v) => o with { Loss = v }, "By", "How preferences are learned.") with
        {
            Id = "preferenceLoss",
            Place = SettingPlace.What,
            Applies = s => s.Objective.Kind == ObjectiveKind.Preferences,
            Choices =
            [
                new(nameof(PreferenceLoss.Dpo), "DPO", "Raises the chosen answer above the rejected one, by what the base finds of both."),
                new(nameof(PreferenceLoss.Ipo), "IPO", "Like DPO to a fixed margin, so that it learns few or clear pairs less by heart."),
                new(nameof(PreferenceLoss.RobustDpo), "Robust DPO", "DPO where some pairs are the wrong way round."),
                new(
                    nameof(PreferenceLoss.Kto),
                    "KTO",
                    "Learns from single answers that are marked as wanted or not; pairs are taken as one of each."
                ),
                new(
                    nameof(PreferenceLoss.Orpo),
                    "ORPO",
                    "Learns the chosen answer and draws it away from the rejected one at once, without asking the base: faster, for a base that was not tuned yet."
                ),
                new(
                    nameof(PreferenceLoss.SimPo),
                    "SimPO",
                    "Compares likelihoods a token, without asking the base: faster, and nothing holds it to where it began."
                ),
            ],
        };
        yield return s_objective.Row(
            "beta",
            o => o.Beta,
            (o, v) => o with { Beta = v },
            "Beta",
            "How strongly it is held to where it began: higher stays nearer. In ORPO: how much the pairs count beside the chosen answers."
        ) with
        {
            Place = SettingPlace.What,
            Low = 0.001,
            High = 10,
            Step = 0.05,
            Applies = s => s.Objective is { Kind: ObjectiveKind.Preferences, Loss: not PreferenceLoss.SimPo },
        };
        yield return s_objective.Row(
            "simPoBeta",
            o => o.SimPoBeta,
            (o, v) => o with { SimPoBeta = v },
            "SimPO's beta",
            "What the difference of the likelihoods a token is multiplied by: higher tells pairs apart more sharply."
        ) with
        {
            Place = SettingPlace.What,
            Low = 0.01,
            High = 100,
            Step = 0.5,
            Applies = IsSimPo,
        };
        yield return s_objective.Row(
            "simPoMargin",
            o => o.SimPoMargin,
            (o, v) => o with { SimPoMargin = v },
            "Margin",
            "By how much the chosen answer shall be better, in the same measure."
        ) with
        {
            Place = SettingPlace.What,
            Low = 0,
            High = 100,
            Step = 0.1,
            Applies = IsSimPo,
        };
        yield return s_objective.Row(
            "flippedShare",
            o => o.FlippedShare,
            (o, v) => o with { FlippedShare = v },
            "Wrong pairs",
            "Share of the pairs that is taken to be the wrong way round."
        ) with
        {
            Place = SettingPlace.What,
            Low = 0,
            High = 0.49,
            Step = 0.05,
            Applies = s => s.Objective is { Kind: ObjectiveKind.Preferences, Loss: PreferenceLoss.RobustDpo },
        };
        yield return s_objective.Row(
            "wantedWeight",
            o => o.WantedWeight,
            (o, v) => o with { WantedWeight = v },
            "Wanted answers count",
            "More where they are fewer: both kinds together should weigh about the same."
        ) with
        {
            Place = SettingPlace.What,
            Low = 0.01,
            High = 100,
            Step = 0.1,
            Applies = IsKto,
        };
        yield return s_objective.Row(
            "unwantedWeight",
            o => o.UnwantedWeight,
            (o, v) => o with { UnwantedWeight = v },
            "Unwanted answers count",
            "More where they are fewer."
        ) with
        {
            Place = SettingPlace.What,
            Low = 0.01,
            High = 100,
            Step = 0.1,
            Applies = IsKto,
        };
        yield return s_objective.Row(
            "teacher",
            o => o.Teacher,
            (o, v) => o with { Teacher = v },
            "Teacher",
            "A larger model with the same tokenizer."
        ) with
        {
            Place = SettingPlace.What,
            Applies = IsDistilled,
        };
        yield return s_objective.Row(
            "temperature",
            o => o.Temperature,
            (o, v) => o with { Temperature = v },
            "Temperature",
            "Higher: unlikely words teach more."
        ) with
        {
            Place = SettingPlace.What,
            Low = 0.01,
            High = 100,
            Step = 0.5,
            Applies = IsDistilled,
        };
        yield return s_objective.Row(
            "teacherShare",
            o => o.TeacherShare,
            (o, v) => o with { TeacherShare = v },
            "Teacher's share",
            "The rest of the loss is the rows' answers."
        ) with
        {
            Place = SettingPlace.What,
            Low = 0,
            High = 1,
            Step = 0.1,
            Applies = IsDistilled,
        };

        static bool IsDistilled(TuningSettings s) => s.Objective.Kind == ObjectiveKind.Distillation;
        static bool IsSimPo(TuningSettings s) => s.Objective is { Kind: ObjectiveKind.Preferences, Loss: PreferenceLoss.SimPo };
        static bool IsKto(TuningSettings s) => s.Objective is { Kind: ObjectiveKind.Preferences, Loss: PreferenceLoss.Kto };
    }

    private static IEnumerable<Setting> Method()
    {
        static bool UsesAdapter(TuningSettings s) => s.UsesAdapter;
        static bool TakesEmbeddings(TuningSettings s) =>
            s.Method is { Method: not (TuningMethod.DoRA or TuningMethod.AdaLoRA), Start: AdapterStart.Zero };
        yield return s_method.Row("method", m => m.Method, (m, v) => m with { Method = v }, "Method", "Which weights learn.") with
        {
            Place = SettingPlace.How,
            Range = new(0, 0, Values: ["LoRA", "DoRA"]),
            Choices =
            [
                new(nameof(TuningMethod.LoRA), "LoRA", "Trains two thin matrices beside each chosen layer: a few percent of the weights."),
                new(
                    nameof(TuningMethod.DoRA),
                    "DoRA",
                    "LoRA that learns the length and the direction of the weights apart: often a little better at low ranks, and slower."
                ),
                new(
                    nameof(TuningMethod.QLoRA),
                    "QLoRA",
                    "LoRA on a base that is kept in four bits a weight: a quarter of its memory, a little less exact."
                ),
                new(
                    nameof(TuningMethod.AdaLoRA),
                    "AdaLoRA",
                    "LoRA that begins with more rank and takes it away where it helps least: the rank is the mean at the end.",
                    s => s.Objective.Kind != ObjectiveKind.Preferences
                ),
                new(
                    nameof(TuningMethod.Head),
                    "Head alone",
                    "The encoder stays as it is and only the classification head learns, on vectors that are computed once: seconds.",
                    s => s.Classifier is not null
                ),
                new(
                    nameof(TuningMethod.Full),
                    "Full fine-tuning",
                    "Trains every weight: most memory, largest result.",
                    s => !ObjectiveRules.ComparesWithBase(s.Objective)
                ),
            ],
        };
        yield return s_method.Row(
            "rank",
            m => m.Rank,
            (m, v) => m with { Rank = v },
            "Rank",
            "Width of the adapter: how much it can learn."
        ) with
        {
            Place = SettingPlace.How,
            Low = 1,
            High = 1024,
            Applies = UsesAdapter,
            Range = new(4, 64, Logarithmic: true),
        };
        yield return s_method.Row(
            "alpha",
            m => m.Alpha,
            (m, v) => m with { Alpha = v },
            "Alpha",
            "Strength: the update counts alpha ÷ rank times."
        ) with
        {
            Place = SettingPlace.How,
            Low = 0.001,
            High = 10_000,
            Applies = UsesAdapter,
            Range = new(4, 128, Logarithmic: true),
        };
        yield return s_method.Row(
            "dropout",
            m => m.Dropout,
            (m, v) => m with { Dropout = v },
            "Dropout",
            "Share of the adapter's inputs left out, against learning by heart."
        ) with
        {
            Low = 0,
            High = 0.9,
            Step = 0.05,
            Applies = UsesAdapter,
            Range = new(0, 0.3),
        };
        yield return s_method.Row(
            "rankStabilised",
            m => m.RankStabilised,
            (m, v) => m with { RankStabilised = v },
            "Rank-stabilised",
            "The update counts alpha ÷ √rank times, so that high ranks learn as fast as low ones."
        ) with
        {
            Applies = s => s.UsesAdapter && s.Method.Method != TuningMethod.AdaLoRA,
            Range = new(0, 0, Values: ["yes", "no"]),
        };
        yield return s_method.Row("start", m => m.Start, (m, v) => m with { Start = v }, "Start", "Where the adapter begins.") with
        {
            Applies = s => s.Method.Method == TuningMethod.LoRA,
            Choices =
            [
                new(nameof(AdapterStart.Zero), "From nothing", "One factor is zero, so that nothing is changed at first."),
                new(
                    nameof(AdapterStart.Pissa),
                    "From the principal part (PiSSA)",
                    "From the largest singular values of each layer: often learns faster. The adapter is written with twice the rank, as one that fits the unchanged base."
                ),
            ],
        };
        yield return s_method.Row(
            "rateRatio",
            m => m.RateRatio,
            (m, v) => m with { RateRatio = v },
            "B's rate (LoRA+)",
            "How much faster the factor that begins at zero learns; 16 with a lower learning rate is usual."
        ) with
        {
            Unit = "× the learning rate",
            Low = 1,
            High = 1000,
            Applies = s => s.UsesAdapter && s.Method.Method != TuningMethod.AdaLoRA,
            Range = new(1, 32, Logarithmic: true),
        };
        yield return s_method.Row(
            "targets",
            m => m.Targets,
            (m, v) => m with { Targets = v },
            "Targets",
            "The layers that get an adapter. Embeddings help where the words are new to the base."
        ) with
        {
            Applies = UsesAdapter,
            Choices =
            [
                .. MethodSpec.AllLinear.Select(name => new SettingChoice(name, name)),
                new("embed_tokens", "embed_tokens", Fits: TakesEmbeddings),
                new("lm_head", "lm_head"),
            ],
            Sets = new Dictionary<string, IReadOnlyList<string>>
            {
                ["attention"] = ["q_proj", "k_proj", "v_proj", "o_proj"],
                ["all linear"] = MethodSpec.AllLinear,
                ["everything"] = MethodSpec.Everything,
            },
            Range = new(0, 0, Values: ["attention", "all linear", "everything"]),
        };
    }

    private static IEnumerable<Setting> Classifier()
    {
        static bool IsClassifier(TuningSettings s) => s.Classifier is not null;
        static bool HasLabels(TuningSettings s) => s.Classifier is { Kind: not ClassificationKind.Number };
        yield return s_classifier.Row("kind", c => c.Kind, (c, v) => c with { Kind = v }, "Says", "What the head says of a text.") with
        {
            Id = "classifierKind",
            Place = SettingPlace.What,
            Applies = IsClassifier,
            Choices =
            [
                new(nameof(ClassificationKind.OneLabel), "One label", "Each text has one label of the set."),
                new(nameof(ClassificationKind.SeveralLabels), "Several labels", "Each text has any number of the labels."),
                new(nameof(ClassificationKind.Number), "A number", "Each text has a number, such as a rating."),
            ],
        };
        yield return s_classifier.Row(
            "separator",
            c => c.Separator,
            (c, v) => c with { Separator = v ?? "" },
            "Between the labels",
            "What stands between the labels of a row."
        ) with
        {
            Place = SettingPlace.What,
            Applies = s => s.Classifier is { Kind: ClassificationKind.SeveralLabels },
        };
        yield return s_classifier.Row("head", c => c.Head, (c, v) => c with { Head = v }, "Head", "What the labels are told from.") with
        {
            Applies = IsClassifier,
            Choices =
            [
                new(nameof(ClassifierHead.Own), "The model's own, or the mean of the tokens"),
                new(nameof(ClassifierHead.Mean), "Mean of the tokens"),
                new(nameof(ClassifierHead.First), "First token"),
                new(nameof(ClassifierHead.Family), "The family's, made anew"),
            ],
        };
        yield return s_classifier.Row(
            "headRate",
            c => c.HeadRate,
            (c, v) => c with { HeadRate = v },
            "Head's rate",
            "How much faster than the layers it learns: it begins from nothing."
        ) with
        {
            Unit = "× the learning rate",
            Low = 0.01,
            High = 1000,
            Applies = IsClassifier,
            Range = new(1, 100, Logarithmic: true),
        };
        yield return s_classifier.Row(
            "dropout",
            c => c.Dropout,
            (c, v) => c with { Dropout = v },
            "Head's dropout",
            "Against learning by heart."
        ) with
        {
            Id = "headDropout",
            Low = 0,
            High = 0.9,
            Step = 0.05,
            Applies = IsClassifier,
            Range = new(0, 0.5),
        };
        yield return s_classifier.Row(
            "labelSmoothing",
            c => c.LabelSmoothing,
            (c, v) => c with { LabelSmoothing = v },
            "Label smoothing",
            "Where labels may be wrong."
        ) with
        {
            Low = 0,
            High = 0.9,
            Step = 0.05,
            Applies = HasLabels,
            Range = new(0, 0.2),
        };
        yield return s_classifier.Row(
            "layerDecay",
            c => c.LayerDecay,
            (c, v) => c with { LayerDecay = v },
            "Layers' decay",
            "Below 1, lower layers learn more slowly."
        ) with
        {
            Low = 0.01,
            High = 1,
            Step = 0.05,
            Applies = IsClassifier,
            Range = new(0.7, 1),
        };
        yield return s_classifier.Row(
            "classWeights",
            c => c.ClassWeights,
            (c, v) => c with { ClassWeights = v },
            "Weights of labels",
            "Whether rare labels count as much as frequent ones."
        ) with
        {
            Applies = HasLabels,
            Choices =
            [
                new(nameof(ClassWeighting.None), "Each row counts the same"),
                new(nameof(ClassWeighting.Balanced), "Each label counts the same"),
            ],
        };
        yield return s_classifier.Row(
            "softLabels",
            c => c.SoftLabels,
            (c, v) => c with { SoftLabels = v },
            "Probabilities of labels",
            "Learn from how sure people or labelling functions were, where rows say so."
        ) with
        {
            Applies = HasLabels,
        };
    }

    private static IEnumerable<Setting> Training()
    {
        yield return s_training.Row(
            "learningRate",
            t => t.LearningRate,
            (t, v) => t with { LearningRate = v },
            "Learning rate",
            "Size of a step; too high diverges."
        ) with
        {
            Place = SettingPlace.How,
            Low = 1e-8,
            High = 1,
            Step = 0.0005,
            Range = new(1e-4, 1e-2, Logarithmic: true),
        };
        yield return s_training.Row(
            "schedule",
            t => t.Schedule,
            (t, v) => t with { Schedule = v },
            "Schedule",
            "How the learning rate falls."
        ) with
        {
            Choices =
            [
                new(nameof(LearningRateSchedule.Cosine), "Cosine"),
                new(nameof(LearningRateSchedule.Linear), "Linear"),
                new(nameof(LearningRateSchedule.Constant), "Constant"),
            ],
            Range = new(0, 0, Values: Enum.GetNames<LearningRateSchedule>()),
        };
        yield return s_training.Row(
            "warmupShare",
            t => t.WarmupShare,
            (t, v) => t with { WarmupShare = v },
            "Warm-up",
            "Share of all steps over which the learning rate rises."
        ) with
        {
            Low = 0,
            High = 1,
            Step = 0.05,
            Range = new(0, 0.2),
        };
        yield return s_training.Row(
            "weightDecay",
            t => t.WeightDecay,
            (t, v) => t with { WeightDecay = v },
            "Weight decay",
            "How strongly weights are drawn to zero."
        ) with
        {
            Low = 0,
            High = 1,
            Step = 0.01,
            Range = new(1e-4, 0.3, Logarithmic: true),
        };
        yield return s_training.Row(
            "maxGradientNorm",
            t => t.MaxGradientNorm,
            (t, v) => t with { MaxGradientNorm = v },
            "Longest gradient",
            "Longer ones are cut to this."
        ) with
        {
            Low = 0.001,
            High = 1000,
            Step = 0.1,
            Applies = s => !s.Privacy.IsOn, // each row's gradient is cut by itself there
        };
        yield return s_training.Row("epochs", t => t.Epochs, (t, v) => t with { Epochs = v }, "Epochs", "How often each row is seen.") with
        {
            Place = SettingPlace.HowLong,
            Low = 0.01,
            High = 1000,
            Range = new(1, 8),
        };
        yield return s_training.Row(
            "maxSteps",
            t => t.MaxSteps,
            (t, v) => t with { MaxSteps = v },
            "Most steps",
            "Ends earlier; empty: no limit."
        ) with
        {
            Place = SettingPlace.HowLong,
            Low = 1,
            High = 100_000_000,
            None = "no limit",
        };
        yield return s_training.Row(
            "patience",
            t => t.Patience,
            (t, v) => t with { Patience = v },
            "Patience",
            "Ends after so many without a lower loss, and keeps the best; 0: never."
        ) with
        {
            Zero = "goes to the end",
            Place = SettingPlace.HowLong,
            Unit = "validations",
            Low = 0,
            High = 1000,
        };
        yield return s_training.Row(
            "validateEverySteps",
            t => t.ValidateEverySteps,
            (t, v) => t with { ValidateEverySteps = v },
            "Validate every",
            "How often the validation rows are judged; 0: once an epoch."
        ) with
        {
            Zero = "epoch",
            Place = SettingPlace.HowLong,
            Unit = "steps",
            Low = 0,
            High = 100_000_000,
            ChangesWhatIsLearned = false,
        };
        yield return s_training.Row(
            "microBatch",
            t => t.MicroBatch,
            (t, v) => t with { MicroBatch = v },
            "Batch",
            "Rows at once; memory grows with it."
        ) with
        {
            Place = SettingPlace.How,
            Unit = "rows",
            Low = 1,
            High = 4096,
            Range = new(4, 64, Logarithmic: true),
        };
        yield return s_training.Row(
            "accumulation",
            t => t.Accumulation,
            (t, v) => t with { Accumulation = v },
            "Accumulation",
            "Batches summed before a step."
        ) with
        {
            Unit = "batches a step",
            Low = 1,
            High = 4096,
            Range = new(1, 8),
        };
        yield return s_training.Row(
            "contextTokens",
            t => t.ContextTokens,
            (t, v) => t with { ContextTokens = v },
            "Context",
            "Longer rows are cut."
        ) with
        {
            Place = SettingPlace.How,
            Unit = "tokens",
            Low = 16,
            High = 1_000_000,
        };
        yield return s_training.Row(
            "learnedTurns",
            t => t.LearnedTurns,
            (t, v) => t with { LearnedTurns = v },
            "Learned turns",
            "Which answers of a conversation are learned. Those of weight 0 never are."
        ) with
        {
            Applies = s => s.Classifier is null && s.Objective.Kind is ObjectiveKind.Answers or ObjectiveKind.Distillation,
            Choices =
            [
                new(nameof(LearnedTurns.Last), "The last answer"),
                new(nameof(LearnedTurns.All), "All answers"),
                new(nameof(LearnedTurns.Template), "What the chat template marks ({% generation %})"),
            ],
        };
        yield return s_training.Row(
            "promptDropout",
            t => t.PromptDropout,
            (t, v) => t with { PromptDropout = v },
            "Prompt dropout",
            "Share of the prompt left out at random, against learning rows by heart. For labels, not for free answers."
        ) with
        {
            Low = 0,
            High = 0.9,
            Step = 0.05,
            Range = new(0, 0.4),
        };
        yield return s_training.Row(
            "labelSmoothing",
            t => t.LabelSmoothing,
            (t, v) => t with { LabelSmoothing = v },
            "Label smoothing",
            "Part of each answer's token that is spread over all others, where answers may be wrong."
        ) with
        {
            Id = "answerSmoothing",
            Low = 0,
            High = 0.9,
            Step = 0.05,
            Range = new(0, 0.2),
            Applies = s => s.Classifier is null && s.Objective.Kind == ObjectiveKind.Answers,
        };
        yield return s_training.Row(
            "embeddingNoise",
            t => t.EmbeddingNoise,
            (t, v) => t with { EmbeddingNoise = v },
            "Noise on embeddings (NEFTune)",
            "Against learning answers by heart; 5 is usual, 0 is none."
        ) with
        {
            Zero = "none",
            Low = 0,
            High = 100,
            Range = new(0, 15),
            Applies = s => s.Classifier is null,
        };
        yield return s_training.Row(
            "packing",
            t => t.Packing,
            (t, v) => t with { Packing = v },
            "Pack short rows together",
            "Faster; none sees another."
        ) with
        {
            Applies = s => s.Classifier is null,
        };
        yield return s_training.Row(
            "gradientCheckpointing",
            t => t.GradientCheckpointing,
            (t, v) => t with { GradientCheckpointing = v },
            "Gradient checkpointing",
            "A third less memory, a fifth more time."
        );
        yield return s_training.Row(
            "checkpointEverySteps",
            t => t.CheckpointEverySteps,
            (t, v) => t with { CheckpointEverySteps = v },
            "Checkpoint every",
            "0: at every validation."
        ) with
        {
            Zero = "validation",
            Unit = "steps",
            Low = 0,
            High = 100_000_000,
            ChangesWhatIsLearned = false,
        };
        yield return s_training.Row(
            "samples",
            t => t.Samples,
            (t, v) => t with { Samples = v },
            "Samples",
            "Validation rows whose answers are written out at each validation, to be read by a person."
        ) with
        {
            Unit = "rows",
            Low = 0,
            High = 20,
            ChangesWhatIsLearned = false,
            Applies = s => s.Classifier is null,
        };
    }

    private static IEnumerable<Setting> Privacy()
    {
        static bool IsPrivate(TuningSettings s) => s.Privacy.IsOn;
        yield return s_privacy.Row(
            "epsilon",
            p => p.Epsilon,
            (p, v) => p with { Epsilon = v },
            "Privacy budget (ε)",
            "How much the model may tell of a single row: 1 is strong, 8 is usual, 0 is no privacy."
        ) with
        {
            Zero = "no privacy",
            Low = 0,
            High = 100,
            Step = 0.5,
        };
        yield return s_privacy.Row(
            "delta",
            p => p.Delta,
            (p, v) => p with { Delta = v },
            "Privacy's δ",
            "The chance that the budget does not hold; 0: 1 ÷ the number of rows."
        ) with
        {
            Zero = "1 ÷ rows",
            Low = 0,
            High = 0.1,
            Step = 1e-6,
            Applies = IsPrivate,
        };
        yield return s_privacy.Row(
            "clipNorm",
            p => p.ClipNorm,
            (p, v) => p with { ClipNorm = v },
            "Clip norm",
            "The length that each row's gradient is shortened to; the noise grows with it."
        ) with
        {
            Low = 1e-4,
            High = 1000,
            Step = 0.1,
            Applies = IsPrivate,
            Range = new(0.01, 10, Logarithmic: true),
        };
        yield return s_privacy.Row(
            "noiseMultiplier",
            p => p.NoiseMultiplier,
            (p, v) => p with { NoiseMultiplier = v },
            "Noise",
            "Its deviation over the clip norm; 0: the least that lasts for all steps. With less, the run ends when the budget does."
        ) with
        {
            Zero = "reckoned from the budget",
            Low = 0,
            High = 10_000,
            Step = 0.1,
            Applies = IsPrivate,
        };
        yield return s_privacy.Row(
            "accountant",
            p => p.Accountant,
            (p, v) => p with { Accountant = v },
            "Accountant",
            "How the budget is added up over the steps."
        ) with
        {
            Applies = IsPrivate,
            Choices =
            [
                new(nameof(PrivacyAccountant.Pld), "Privacy loss distribution", "Tighter: less noise for the same budget."),
                new(nameof(PrivacyAccountant.Rdp), "Rényi divergence", "As Opacus reckons it."),
            ],
        };
        yield return s_privacy.Row(
            "groupColumn",
            p => p.GroupColumn,
            (p, v) => p with { GroupColumn = string.IsNullOrWhiteSpace(v) ? null : v },
            "Protected together",
            "A column kept beside the texts: all rows of a value, such as a patient, count as one. Empty: each row by itself."
        ) with
        {
            None = "each row by itself",
            Applies = IsPrivate,
        };
        yield return s_privacy.Row(
            "secureNoise",
            p => p.SecureNoise,
            (p, v) => p with { SecureNoise = v },
            "Noise from a secret key",
            "Rows and noise are drawn under a key that nobody knows, not by the seed that stands in the settings. The run can't be repeated."
        ) with
        {
            Applies = IsPrivate,
        };
    }
}
