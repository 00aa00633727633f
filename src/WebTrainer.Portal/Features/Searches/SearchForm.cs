using System.Globalization;
using WebTrainer.Domain;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;
using WebTrainer.Search;
using WebTrainer.Search.Pruning;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>The fields of the form of a new search.</summary>
public sealed class SearchForm
{
    private static readonly HashSet<string> s_usual = ["learningRate", "rank", "alpha"];
    private TuningSettings _defaults = new();

    public string Name { get; set; } = "";
    public Guid VersionId { get; set; }
    public string BaseModel { get; set; } = "";
    public long? Rows { get; set; }
    public double Epochs { get; set; } = 1;
    public int Validations { get; set; } = 4;
    public int Trials { get; set; } = 20;
    public int AtOnce { get; set; } = 1;
    public double BudgetMinutes { get; set; } = 60;
    public SearchObjective Objective { get; set; }
    public SamplerKind Sampler { get; set; } = SearchRequest.UsualSampler;
    public PrunerKind Pruner { get; set; } = PrunerKind.Median;
    public long Seed { get; set; } = 42;
    public string Device { get; set; } = DeviceName.Any;

    /// <summary>Those that have a meaning for the chosen base.</summary>
    public IEnumerable<SearchFormRow> Offered => Space.Where(row => row.Setting.IsOffered(_defaults));

    public IReadOnlyList<SearchFormRow> Space { get; } =
    [.. SearchableSetting.All.Select(s => new SearchFormRow(s) { On = s_usual.Contains(s.Name) })];

    /// <summary>Takes the settings that a new run on this data would have.</summary>
    public void StartFrom(TuningSettings defaults, DatasetFiles data, BaseModel model)
    {
        _defaults = defaults;
        if (data.Labels is null)
        {
            Objective = SearchObjective.ValidationLoss;
        }

        var tuning = Base(model).Tuning;
        foreach (var row in Space)
        {
            row.Now = row.Setting.Now(tuning);
        }
    }

    /// <summary>Choices that a number may be made to depend on.</summary>
    public IReadOnlyList<(string Text, string Value)> ParentsOf(SearchFormRow row) =>
        row.Setting.Suggested is ChoiceParameter
            ? []
            :
            [
                .. Offered
                    .Where(other => other.On && other.Setting.Suggested is ChoiceParameter)
                    .SelectMany(other =>
                        other.Choices.Select(choice =>
                            ($"{other.Setting.Label.ToLowerInvariant()} {choice}", $"{other.Setting.Name}={choice}")
                        )
                    ),
            ];

    public SearchRequest ToRequest(BaseModel model) =>
        new()
        {
            Name = Name,
            Run = Base(model),
            // Choices first: others may depend on them.
            Space = new SearchSpace([
                .. Offered
                    .Where(row => row.On)
                    .OrderBy(row => row.Setting.Suggested is not ChoiceParameter)
                    .Select(row => row.ToParameter()),
            ]),
            Objective = Objective,
            Sampler = Sampler,
            Pruner = Pruner,
            Trials = Trials,
            AtOnce = AtOnce,
            BudgetMinutes = BudgetMinutes,
            Validations = Validations,
            Rows = Rows,
            Seed = Seed,
        };

    private RunRequest Base(BaseModel model) =>
        new RunRequest
        {
            DatasetVersionId = VersionId,
            BaseModel = BaseModel,
            Device = Device,
        }.With(
            _defaults with
            {
                Training = _defaults.Training with
                {
                    Epochs = Epochs,
                    ContextTokens = Math.Min(_defaults.Training.ContextTokens, model.ContextTokens),
                },
            }
        );
}

/// <summary>One setting in the form.</summary>
public sealed class SearchFormRow(SearchableSetting setting)
{
    private readonly HashSet<string> _choices = setting.Suggested is ChoiceParameter choice ? [.. choice.Choices] : [];

    public SearchableSetting Setting => setting;

    public bool On { get; set; }

    /// <summary>What it is without the search.</summary>
    public string Now { get; set; } = "";
    public string Low { get; set; } = setting.Suggested is ChoiceParameter ? "" : setting.Suggested.Write(setting.Suggested.FromUnit(0));
    public string High { get; set; } = setting.Suggested is ChoiceParameter ? "" : setting.Suggested.Write(setting.Suggested.FromUnit(1));
    public bool Logarithmic { get; set; } =
        setting.Suggested is FloatParameter { Logarithmic: true } or IntegerParameter { Logarithmic: true };

    /// <summary>The choice that it depends on, as <c>name=choice</c>; empty: none.</summary>
    public string When { get; set; } = "";

    public IReadOnlyList<string> AllChoices => setting.Suggested is ChoiceParameter choice ? choice.Choices : [];

    public IEnumerable<string> Choices => AllChoices.Where(_choices.Contains);

    public void Choose(string choice, bool on)
    {
        if (on)
        {
            _choices.Add(choice);
        }
        else
        {
            _choices.Remove(choice);
        }
    }

    /// <exception cref="RuleViolationException">A bound is no number.</exception>
    public Parameter ToParameter()
    {
        var condition = When.Split('=') is [var parent, var choice] ? new ParentCondition(parent, [choice]) : null;
        Parameter parameter = setting.Suggested switch
        {
            ChoiceParameter => new ChoiceParameter(setting.Name, [.. Choices]),
            IntegerParameter => new IntegerParameter(setting.Name, (int)Number(Low), (int)Number(High), Logarithmic),
            _ => new FloatParameter(setting.Name, Number(Low), Number(High), Logarithmic),
        };
        return parameter with { When = condition };
    }

    private double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new RuleViolationException($"{setting.Label}: '{text}' is no number. Write it as 0.001 or 1e-3.");
}
