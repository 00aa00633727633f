using System.Text.Json.Serialization;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Protocol;

/// <summary>What a worker is asked to do.</summary>
public enum JobKind
{
    /// <summary>Look only: tokens, the first batch, and measured speed and memory of a step.</summary>
    Plan,
    Train,
    Evaluate,

    /// <summary>Answer generation requests on a Unix socket until told to stop.</summary>
    Serve,

    /// <summary>Train all weights of a new model on plain text.</summary>
    Pretrain,

    /// <summary>Load a model and let it answer, or an encoder and let it compare two sentences: does it work here?</summary>
    Check,

    /// <summary>Write base and adapter as one model.</summary>
    Export,

    /// <summary>Make a vector of each text by an encoder.</summary>
    Embed,
}

/// <summary>Everything a job needs; written once, never changed.</summary>
public sealed record RunSpec
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;
    public required Guid RunId { get; init; }
    public required JobKind Kind { get; init; }

    /// <summary>Hugging Face folder of the base model, or of the encoder, absolute.</summary>
    public required string BaseModel { get; init; }

    /// <summary>
    /// Which model that is, by <see cref="ModelHash"/>: a worker trains on no other. Null in specs of before it was noted.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BaseModelSha256 { get; init; }

    /// <summary>Rows to learn from or to judge by; absent for <see cref="JobKind.Serve"/>.</summary>
    public DatasetFiles? Data { get; init; }

    public PromptTemplate Template { get; init; } = PromptTemplate.Chat;
    public MethodSpec Method { get; init; } = new();
    public ObjectiveSpec Objective { get; init; } = new();

    /// <summary>The head that an encoder gets; null where the base is a decoder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClassifierSpec? Classifier { get; init; }

    public TrainingSettings Training { get; init; } = new();

    /// <summary>What a person has set of it, in one piece.</summary>
    [JsonIgnore]
    public TuningSettings Tuning => new(Objective, Method, Classifier, Training);

    public EvaluationSpec? Evaluation { get; init; }
    public ServingSpec? Serving { get; init; }

    /// <summary>PEFT folder that an export merges into the base, absolute.</summary>
    public string? ExportedAdapter { get; init; }

    /// <summary>Every random choice of the job comes from this number.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Where it may run, see <see cref="DeviceName"/>; which device it got is told to the worker.</summary>
    public string Device { get; init; } = DeviceName.Any;

    /// <summary>Threads of a CPU job; 0 means all cores. Fixed threads are part of reproducing a run bit for bit.</summary>
    public int Threads { get; init; }
}

/// <summary>One file of rows and the hash that the worker checks before it reads it.</summary>
/// <param name="Path">JSONL of <see cref="DatasetRow"/>, absolute.</param>
/// <param name="Sha256">Lower-case hex of the file's SHA-256.</param>
/// <param name="Rows">Number of rows.</param>
public sealed record DatasetFile(string Path, string Sha256, long Rows);

/// <summary>The splits of a published dataset snapshot.</summary>
public sealed record DatasetFiles
{
    public DatasetFile? Train { get; init; }
    public DatasetFile? Validation { get; init; }
    public DatasetFile? Test { get; init; }

    /// <summary>Held-out general text (plain UTF-8), by whose loss forgetting is measured.</summary>
    public DatasetFile? General { get; init; }

    /// <summary>The closed set of answers of a classification dataset; null where answers are free text.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}

/// <summary>One row of a snapshot: a conversation whose last assistant message is the answer to learn.</summary>
/// <param name="Id">Stable id of the row, the thread back to the uploaded file.</param>
public sealed record DatasetRow(string Id, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>An answer that people liked less than the last message; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rejected { get; init; }

    /// <summary>
    /// Whether people want the answer; null where nobody has said. An unwanted one is there for objectives that learn what not to say, and
    /// for nothing else.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Desired { get; init; }

    /// <summary>
    /// How probable each label is, by people's or labelling functions' votes, by the label; null where there is only the answer. Those that
    /// are missing are 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Shares { get; init; }

    /// <summary>The second text where rows are pairs, such as a hypothesis for a premise; encoders read it behind the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Pair { get; init; }
}

/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>0 where an answer must not be learned, as in OpenAI's files; null where nobody has said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Weight { get; init; }
}

/// <summary>How messages become the text that the model sees. <c>{content}</c> stands for the message.</summary>
public sealed record PromptTemplate
{
    public string System { get; init; } = "<|system|>{content}";
    public string User { get; init; } = "<|user|>{content}";

    /// <summary>What stands before an answer; the loss mask opens after it.</summary>
    public string AssistantPrefix { get; init; } = "<|assistant|>";

    /// <summary>What ends an answer; learned, so that the model knows when to stop.</summary>
    public string AssistantSuffix { get; init; } = "<|end|>";

    public static PromptTemplate Chat { get; } = new();

    /// <summary>For models without a template and without tokens for marks: plain lines, and the end that the tokenizer has.</summary>
    public static PromptTemplate Headings { get; } =
        new()
        {
            System = "{content}\n\n",
            User = "### User:\n{content}\n\n",
            AssistantPrefix = "### Assistant:\n",
            AssistantSuffix = "",
        };
}

public enum TuningMethod
{
    /// <summary>A low-rank change of each chosen map (arXiv:2106.09685).</summary>
    LoRA,

    /// <summary>Every weight learns.</summary>
    Full,

    /// <summary>LoRA that learns length and direction of each row apart (arXiv:2402.09353).</summary>
    DoRA,

    /// <summary>LoRA on a base kept in four bits (arXiv:2305.14314).</summary>
    QLoRA,

    /// <summary>LoRA that moves its ranks to the maps that need them (arXiv:2303.10512).</summary>
    AdaLoRA,

    /// <summary>An encoder's classification head alone, on vectors that are computed once.</summary>
    Head,
}

/// <summary>Where the two factors of an adapter begin.</summary>
public enum AdapterStart
{
    /// <summary>One at random, the other zero: nothing is changed.</summary>
    Zero,

    /// <summary>
    /// At the map's largest singular values and vectors, which are taken out of the base in return (PiSSA, arXiv:2404.02948): nothing is
    /// changed either, and what learns is the map's principal part.
    /// </summary>
    Pissa,
}

/// <summary>Which weights learn, and how.</summary>
public sealed record MethodSpec
{
    public TuningMethod Method { get; init; } = TuningMethod.LoRA;

    /// <summary>Inner dimension r of the update B·A.</summary>
    public int Rank { get; init; } = 32;

    /// <summary>The update is scaled by alpha / rank.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Scale by alpha / √rank instead (rsLoRA, arXiv:2312.03732), so that high ranks learn as fast as low ones.</summary>
    public bool RankStabilised { get; init; }

    /// <summary>How the adapter begins.</summary>
    public AdapterStart Start { get; init; }

    /// <summary>
    /// LoRA+ (arXiv:2402.12354): B, which begins at zero, learns at the learning rate times this; 1 for plain LoRA. The factors of an
    /// embedding stay at the learning rate.
    /// </summary>
    public double RateRatio { get; init; } = 1;

    /// <summary>Share of the adapter's inputs dropped while training, 0 to 1.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Module names as in PEFT. Llama, Mistral, Qwen, Gemma: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj,
    /// embed_tokens, lm_head. Or <c>all-linear</c>, alone: every map inside the layers, whatever the family calls them.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = Everything;

    /// <summary>All linear maps, the embedding and the head: what a small base needs to learn labels whose words it hardly knows.</summary>
    public static IReadOnlyList<string> Everything => [.. AllLinear, "embed_tokens", "lm_head"];

    /// <summary>Stands alone for every map inside the layers, whatever the family calls them.</summary>
    public const string AllLinearName = "all-linear";

    public static IReadOnlyList<string> AllLinear { get; } = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
}

/// <summary>What a training makes smaller.</summary>
public enum ObjectiveKind
{
    /// <summary>Cross entropy of the answers.</summary>
    Answers,

    /// <summary>Cross entropy of whole texts: continued pretraining.</summary>
    Text,

    /// <summary>What people like better or want, by one of <see cref="PreferenceLoss"/>.</summary>
    Preferences,

    /// <summary>Come near a larger model's probabilities (arXiv:1503.02531).</summary>
    Distillation,
}

/// <summary>What a training from preferences makes smaller.</summary>
public enum PreferenceLoss
{
    /// <summary>Direct preference optimisation of pairs (arXiv:2305.18290).</summary>
    Dpo,

    /// <summary>Identity preference optimisation of pairs: a margin to reach, not one to grow without end (arXiv:2310.12036).</summary>
    Ipo,

    /// <summary>DPO that knows that a share of its pairs is the wrong way round (arXiv:2403.00409).</summary>
    RobustDpo,

    /// <summary>Kahneman-Tversky optimisation of single answers that are wanted or not (arXiv:2402.01306).</summary>
    Kto,

    /// <summary>Odds ratio preference optimisation of pairs, without a reference model (arXiv:2403.07691).</summary>
    Orpo,

    /// <summary>Simple preference optimisation of pairs by likelihood a token, without a reference model (arXiv:2405.14734).</summary>
    SimPo,
}

public sealed record ObjectiveSpec
{
    public ObjectiveKind Kind { get; init; }

    /// <summary>Preferences: which loss.</summary>
    public PreferenceLoss Loss { get; init; }

    /// <summary>
    /// Preferences: how strongly the model is held to where it began; higher stays nearer. IPO's τ, and what its odds count in ORPO (λ
    /// there).
    /// </summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>SimPO: what the difference of the likelihoods a token is multiplied by.</summary>
    public double SimPoBeta { get; init; } = 2;

    /// <summary>SimPO: by how much the chosen answer shall be better (γ), after that multiplication.</summary>
    public double SimPoMargin { get; init; } = 1;

    /// <summary>Robust DPO: share of the pairs that is taken to be the wrong way round (ε), below a half.</summary>
    public double FlippedShare { get; init; } = 0.1;

    /// <summary>KTO: what a wanted answer counts.</summary>
    public double WantedWeight { get; init; } = 1;

    /// <summary>KTO: what an unwanted answer counts.</summary>
    public double UnwantedWeight { get; init; } = 1;

    /// <summary>Distillation: Hugging Face folder of the larger model, absolute; it must have the base's tokenizer.</summary>
    public string? Teacher { get; init; }

    /// <summary>Distillation: which model that is, as <see cref="RunSpec.BaseModelSha256"/> says it of the base.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TeacherSha256 { get; init; }

    /// <summary>Distillation: both models' scores are divided by it, so that unlikely tokens teach too.</summary>
    public double Temperature { get; init; } = 2;

    /// <summary>Distillation: share of the teacher in the loss, 0 to 1; the rest is the answers'.</summary>
    public double TeacherShare { get; init; } = 0.5;
}

/// <summary>Which of a conversation's answers a training learns.</summary>
public enum LearnedTurns
{
    /// <summary>The last.</summary>
    Last,

    /// <summary>All but those of weight 0.</summary>
    All,

    /// <summary>What the model's chat template puts between <c>{% generation %}</c> and <c>{% endgeneration %}</c>.</summary>
    Template,
}

public enum LearningRateSchedule
{
    Cosine,
    Linear,
    Constant,
}

public sealed record TrainingSettings
{
    public double LearningRate { get; init; } = 1.5e-3;
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Share of all steps over which the learning rate rises from 0.</summary>
    public double WarmupShare { get; init; } = 0.05;
    public double WeightDecay { get; init; } = 0.01;
    public double MaxGradientNorm { get; init; } = 1.0;
    public double Epochs { get; init; } = 6;

    /// <summary>Stops after this many optimiser steps, whatever the epochs; null for no such limit.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Examples of one forward pass.</summary>
    public int MicroBatch { get; init; } = 32;

    /// <summary>Forward passes whose gradients are summed before one optimiser step.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Longest sequence in tokens; longer rows are cut from the left of the prompt, never from the answer.</summary>
    public int ContextTokens { get; init; } = 256;

    /// <summary>Which answers of a conversation are learned; what stands between them is read.</summary>
    public LearnedTurns LearnedTurns { get; init; }

    /// <summary>
    /// Share of the prompts' words (tokens, where they hold whole letters) left out at random, others in each pass; against learning rows
    /// by heart.
    /// </summary>
    public double PromptDropout { get; init; }

    /// <summary>
    /// Part of each learned token's target that is spread over the whole vocabulary, 0 to 1 (arXiv:1512.00567); validation doesn't smooth.
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// NEFTune (arXiv:2310.05914): while training, each number of an embedded text of L tokens and width d gets uniform noise of at most this
    /// / √(L·d); 0 for none.
    /// </summary>
    public double EmbeddingNoise { get; init; }

    /// <summary>Put several short rows into one sequence; none sees another, so that nothing changes but the speed.</summary>
    public bool Packing { get; init; }

    /// <summary>
    /// Compute each layer twice instead of keeping what is inside it: about a third less memory, a fifth more time (arXiv:1604.06174).
    /// </summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Ends after this many validations without a lower loss, and keeps the best; 0 means never.</summary>
    public int Patience { get; init; }

    /// <summary>Steps between two validations; 0 means once an epoch.</summary>
    public int ValidateEverySteps { get; init; }

    /// <summary>Steps between two checkpoints; 0 means at every validation.</summary>
    public int CheckpointEverySteps { get; init; } = 100;

    /// <summary>Rows of the validation split whose answers are written out at each validation, to be read by a person.</summary>
    public int Samples { get; init; } = 3;
}

/// <summary>How the weights of the layers are kept in memory.</summary>
public enum WeightPrecision
{
    /// <summary>As the model's files have them, or in the device's own short type.</summary>
    Full,

    /// <summary>Eight bits a weight and a scale a row.</summary>
    EightBits,

    /// <summary>4.13 bits a weight (arXiv:2305.14314).</summary>
    FourBits,
}

public sealed record EvaluationSpec
{
    /// <summary>Judge every model at these precisions too, to see what packing costs in quality.</summary>
    public IReadOnlyList<WeightPrecision> Packed { get; init; } = [];

    /// <summary>Adapters to judge; the base itself is always judged beside them.</summary>
    public IReadOnlyList<NamedAdapter> Adapters { get; init; } = [];

    /// <summary>Judge this many rows of the test split at most; null for all.</summary>
    public int? MaxRows { get; init; }

    /// <summary>Answer tokens generated at most where there is no closed label set.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>What is asked of every model beside the test rows.</summary>
    public IReadOnlyList<BenchmarkSpec> Benchmarks { get; init; } = [];

    /// <summary>Further ways to score the answers to the test rows.</summary>
    public IReadOnlyList<ScorerSpec> Scorers { get; init; } = [];

    /// <summary>Measure how fast the models answer, and what memory that takes.</summary>
    public bool Performance { get; init; }

    /// <summary>
    /// Folder of answers that were given before, absolute: the same model asked the same again isn't run. A worker that was killed goes
    /// on from here too. Null to ask everything anew.
    /// </summary>
    public string? AnswerCache { get; init; }
}

public enum ScorerKind
{
    /// <summary>The answer holds the right one, ignoring case.</summary>
    Contains,

    /// <summary>The answer matches a pattern.</summary>
    Pattern,

    /// <summary>The last number of the answer is the right one's, within a tolerance.</summary>
    Number,

    /// <summary>The answer is JSON that holds to a schema (JSON Schema 2020-12).</summary>
    JsonSchema,

    /// <summary>n-grams of words in common: the mean of each answer's, and BLEU of all answers together.</summary>
    Bleu,

    /// <summary>Words in common, ROUGE-1.</summary>
    Rouge1,

    /// <summary>Pairs of words in common, ROUGE-2.</summary>
    Rouge2,

    /// <summary>How near the texts lie by the built-in embedder: cosine, 0 where it is negative.</summary>
    Embedding,

    /// <summary>
    /// ROUGE-1, ROUGE-2 and ROUGE-L of words without their endings (Porter's stems), as English summaries are most often scored.
    /// </summary>
    RougeStemmed,

    /// <summary>Edits over words of all answers together, TER; lower is better.</summary>
    Ter,
}

/// <param name="Pattern">Regular expression of <see cref="ScorerKind.Pattern"/>.</param>
/// <param name="Tolerance">Of <see cref="ScorerKind.Number"/>: the largest relative difference, 0 for none.</param>
/// <param name="Schema">JSON text of <see cref="ScorerKind.JsonSchema"/>.</param>
public sealed record ScorerSpec(ScorerKind Kind, string? Pattern = null, double Tolerance = 0, string? Schema = null);

/// <param name="Name">How requests and results call it; <c>base</c> is reserved.</param>
/// <param name="Path">PEFT folder, absolute.</param>
public sealed record NamedAdapter(string Name, string Path);

public sealed record ServingSpec
{
    public WeightPrecision Precision { get; init; }

    public IReadOnlyList<NamedAdapter> Adapters { get; init; } = [];

    /// <summary>Unix socket to listen on, created with mode 0600; absolute and at most 100 bytes.</summary>
    public required string Socket { get; init; }

    /// <summary>Environment variable that holds the token which each connection must send first.</summary>
    public string TokenVariable { get; init; } = "WEBTRAINER_SERVE_TOKEN";

    /// <summary>The worker ends after this long without a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(15);
}
