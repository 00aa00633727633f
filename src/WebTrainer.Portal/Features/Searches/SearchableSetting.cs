using System.Globalization;
using WebTrainer.Domain;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol.Settings;
using WebTrainer.Search;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>A setting of a run that a search may choose.</summary>
public sealed class SearchableSetting
{
    private readonly Setting _setting;

    private SearchableSetting(Setting setting)
    {
        _setting = setting;
        Suggested = SuggestionOf(setting);
    }

    /// <summary>In spaces and in the API.</summary>
    public string Name => _setting.Id;

    /// <summary>For people.</summary>
    public string Label => _setting.Label;

    /// <summary>Bounds to begin with.</summary>
    public Parameter Suggested { get; }

    public static IReadOnlyList<SearchableSetting> All { get; } =
    [.. SettingTable.All.Where(setting => setting.Range is not null).Select(setting => new SearchableSetting(setting))];

    /// <summary>Whether it has a meaning for these settings, or would have one under another method.</summary>
    public bool IsOffered(TuningSettings tuning) => _setting.Applies(tuning) || _setting.Group == SettingGroup.Method;

    /// <summary>What it is without the search.</summary>
    public string Now(TuningSettings tuning) => _setting.Words(tuning);

    /// <exception cref="RuleViolationException">There is no such setting.</exception>
    public static SearchableSetting Of(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new RuleViolationException($"A search knows no setting '{name}'. It knows {string.Join(", ", All.Select(s => s.Name))}.");

    /// <exception cref="RuleViolationException">The bounds are not of its kind.</exception>
    public void Check(Parameter parameter)
    {
        switch (Suggested, parameter)
        {
            case (ChoiceParameter, not ChoiceParameter):
                throw new RuleViolationException($"{Label} is a choice: name what to choose from.");
            case (IntegerParameter, FloatParameter):
                throw new RuleViolationException($"{Label} takes whole numbers.");
            case (ChoiceParameter known, ChoiceParameter given) when Unknown(known, given) is { } other:
                throw new RuleViolationException($"{Label} has no choice '{other}'. It has {string.Join(", ", ChoicesOf(known))}.");
            case (IntegerParameter, ChoiceParameter given)
                when given.Choices.FirstOrDefault(c => !int.TryParse(c, CultureInfo.InvariantCulture, out _)) is { } text:
                throw new RuleViolationException($"{Label}: '{text}' is no whole number.");
            case (FloatParameter, ChoiceParameter given)
                when given.Choices.FirstOrDefault(c => !double.TryParse(c, CultureInfo.InvariantCulture, out _)) is { } text:
                throw new RuleViolationException($"{Label}: '{text}' is no number.");
        }
    }

    /// <param name="parameter">Its bounds in the space that the value is of; numbers may be choices too.</param>
    public RunRequest Apply(RunRequest request, Parameter parameter, double value)
    {
        var tuning =
            _setting.Group == SettingGroup.Classifier
                ? request.Tuning with
                {
                    Classifier = request.Classifier ?? RunDefaults.Classifier,
                }
                : request.Tuning;
        return request.With(
            _setting.Read(
                tuning,
                parameter is ChoiceParameter choice ? choice.Choices[(int)value] : value.ToString("R", CultureInfo.InvariantCulture)
            )
        );
    }

    private static Parameter SuggestionOf(Setting setting) =>
        (setting.Range!, setting.Kind) switch
        {
            ({ Values: { } values }, _) => new ChoiceParameter(setting.Id, [.. values]),
            (var range, SettingKind.Whole) => new IntegerParameter(setting.Id, (int)range.Low, (int)range.High, range.Logarithmic),
            (var range, _) => new FloatParameter(setting.Id, range.Low, range.High, range.Logarithmic),
        };

    private string? Unknown(ChoiceParameter known, ChoiceParameter given) =>
        given.Choices.FirstOrDefault(c => !ChoicesOf(known).Contains(c));

    private IEnumerable<string> ChoicesOf(ChoiceParameter known) =>
        _setting.Kind == SettingKind.Choice ? _setting.Choices.Select(choice => choice.Value) : known.Choices;
}
