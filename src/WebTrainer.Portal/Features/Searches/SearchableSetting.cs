using System.Globalization;
using WebTrainer.Domain;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;
using WebTrainer.Search;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>A setting of a run that a search may choose.</summary>
/// <param name="Name">In spaces and in the API.</param>
/// <param name="Label">For people.</param>
/// <param name="Suggested">Bounds to begin with.</param>
public sealed class SearchableSetting(string name, string label, Parameter suggested, Func<RunRequest, string, RunRequest> set)
{
    private static readonly string[] s_yesNo = ["yes", "no"];
    private static readonly Dictionary<string, IReadOnlyList<string>> s_targets = new(StringComparer.Ordinal)
    {
        ["attention"] = ["q_proj", "k_proj", "v_proj", "o_proj"],
        ["all linear"] = MethodSpec.AllLinear,
        ["everything"] = MethodSpec.Everything,
    };

    public string Name => name;

    public string Label => label;

    public Parameter Suggested => suggested;

    /// <summary>Of a classification head; a decoder has none.</summary>
    public bool OfClassifiers { get; private init; }

    public static IReadOnlyList<SearchableSetting> All { get; } =
    [
        new("learningRate", "Learning rate", new FloatParameter("learningRate", 1e-4, 1e-2, Logarithmic: true), (r, v) => Training(r, t => t with { LearningRate = Number(v) })),
        new("rank", "Rank", new IntegerParameter("rank", 4, 64, Logarithmic: true), (r, v) => Method(r, m => m with { Rank = Whole(v) })),
        new("alpha", "Alpha", new FloatParameter("alpha", 4, 128, Logarithmic: true), (r, v) => Method(r, m => m with { Alpha = Number(v) })),
        new("dropout", "Dropout", new FloatParameter("dropout", 0, 0.3), (r, v) => Method(r, m => m with { Dropout = Number(v) })),
        new("epochs", "Epochs", new FloatParameter("epochs", 1, 8), (r, v) => Training(r, t => t with { Epochs = Number(v) })),
        new("microBatch", "Batch", new IntegerParameter("microBatch", 4, 64, Logarithmic: true), (r, v) => Training(r, t => t with { MicroBatch = Whole(v) })),
        new("accumulation", "Accumulation", new IntegerParameter("accumulation", 1, 8), (r, v) => Training(r, t => t with { Accumulation = Whole(v) })),
        new("promptDropout", "Prompt dropout", new FloatParameter("promptDropout", 0, 0.4), (r, v) => Training(r, t => t with { PromptDropout = Number(v) })),
        new("weightDecay", "Weight decay", new FloatParameter("weightDecay", 1e-4, 0.3, Logarithmic: true), (r, v) => Training(r, t => t with { WeightDecay = Number(v) })),
        new("warmupShare", "Warm-up", new FloatParameter("warmupShare", 0, 0.2), (r, v) => Training(r, t => t with { WarmupShare = Number(v) })),
        new("schedule", "Schedule", Choices<LearningRateSchedule>("schedule"), (r, v) => Training(r, t => t with { Schedule = Enum.Parse<LearningRateSchedule>(v) })),
        new("method", "Method", new ChoiceParameter("method", ["LoRA", "DoRA"]), (r, v) => Method(r, m => m with { Method = Enum.Parse<TuningMethod>(v) })),
        new("targets", "Targets", new ChoiceParameter("targets", [.. s_targets.Keys]), (r, v) => Method(r, m => m with { Targets = s_targets[v] })),
        new("rankStabilised", "Rank-stabilised", new ChoiceParameter("rankStabilised", s_yesNo), (r, v) => Method(r, m => m with { RankStabilised = v == s_yesNo[0] })),
        new("headRate", "Head's rate", new FloatParameter("headRate", 1, 100, Logarithmic: true), (r, v) => Classifier(r, c => c with { HeadRate = Number(v) })) { OfClassifiers = true },
        new("headDropout", "Head's dropout", new FloatParameter("headDropout", 0, 0.5), (r, v) => Classifier(r, c => c with { Dropout = Number(v) })) { OfClassifiers = true },
        new("labelSmoothing", "Label smoothing", new FloatParameter("labelSmoothing", 0, 0.2), (r, v) => Classifier(r, c => c with { LabelSmoothing = Number(v) })) { OfClassifiers = true },
        new("layerDecay", "Layers' decay", new FloatParameter("layerDecay", 0.7, 1), (r, v) => Classifier(r, c => c with { LayerDecay = Number(v) })) { OfClassifiers = true },
    ];

    /// <exception cref="RuleViolationException">There is no such setting.</exception>
    public static SearchableSetting Of(string name) => All.FirstOrDefault(s => s.Name == name)
        ?? throw new RuleViolationException($"A search knows no setting '{name}'. It knows {string.Join(", ", All.Select(s => s.Name))}.");

    /// <exception cref="RuleViolationException">The bounds are not of its kind.</exception>
    public void Check(Parameter parameter)
    {
        switch (suggested, parameter)
        {
            case (ChoiceParameter, not ChoiceParameter):
                throw new RuleViolationException($"{label} is a choice: name what to choose from.");
            case (IntegerParameter, FloatParameter):
                throw new RuleViolationException($"{label} takes whole numbers.");
            case (ChoiceParameter known, ChoiceParameter given) when Unknown(known, given) is { } other:
                throw new RuleViolationException($"{label} has no choice '{other}'. It has {string.Join(", ", ChoicesOf(known))}.");
            case (IntegerParameter, ChoiceParameter given) when given.Choices.FirstOrDefault(c => !int.TryParse(c, CultureInfo.InvariantCulture, out _)) is { } text:
                throw new RuleViolationException($"{label}: '{text}' is no whole number.");
            case (FloatParameter, ChoiceParameter given) when given.Choices.FirstOrDefault(c => !double.TryParse(c, CultureInfo.InvariantCulture, out _)) is { } text:
                throw new RuleViolationException($"{label}: '{text}' is no number.");
        }
    }

    /// <param name="parameter">Its bounds in the space that the value is of; numbers may be choices too.</param>
    public RunRequest Apply(RunRequest request, Parameter parameter, double value) =>
        set(request, parameter is ChoiceParameter choice ? choice.Choices[(int)value] : value.ToString("R", CultureInfo.InvariantCulture));

    private string? Unknown(ChoiceParameter known, ChoiceParameter given) => given.Choices.FirstOrDefault(c => !ChoicesOf(known).Contains(c));

    private string[] ChoicesOf(ChoiceParameter known) => name == "method" ? Enum.GetNames<TuningMethod>() : [.. known.Choices];

    private static ChoiceParameter Choices<T>(string name)
        where T : struct, Enum => new(name, Enum.GetNames<T>());

    private static RunRequest Training(RunRequest request, Func<TrainingSettings, TrainingSettings> change) => request with { Training = change(request.Training) };

    private static RunRequest Classifier(RunRequest request, Func<ClassifierSpec, ClassifierSpec> change) => request with { Classifier = change(request.Classifier ?? RunDefaults.Classifier) };

    private static RunRequest Method(RunRequest request, Func<MethodSpec, MethodSpec> change) => request with { Method = change(request.Method) };

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
