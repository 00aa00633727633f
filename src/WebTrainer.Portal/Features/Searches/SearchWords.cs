using System.Globalization;
using MudBlazor;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Search;
using WebTrainer.Search.Pruning;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>A choice of the form with what it does.</summary>
public sealed record SearchChoice<T>(T Kind, string Name, string Sentence);

/// <summary>How searches are spoken of.</summary>
public static class SearchWords
{
    public static IReadOnlyList<SearchChoice<SamplerKind>> Samplers { get; } =
    [
        new(
            SamplerKind.GaussianProcess,
            "Gaussian process",
            "Models the loss as a smooth function and needs the fewest trials. The usual choice."
        ),
        new(SamplerKind.Tpe, "TPE", "Learns which values good trials have and tries more of them; quick even after hundreds of trials."),
        new(SamplerKind.Random, "Random", "Any value as likely as another; learns nothing from trials."),
        new(SamplerKind.Grid, "Grid", "All combinations of evenly spaced values, in mixed order."),
    ];

    public static IReadOnlyList<SearchChoice<PrunerKind>> Pruners { get; } =
    [
        new(
            PrunerKind.Median,
            "Worse than the median",
            "Ends a trial whose best value so far is worse than the median of the others at the same point."
        ),
        new(PrunerKind.SuccessiveHalving, "Successive halving", "At a quarter and at half of the way only the better half goes on."),
        new(PrunerKind.None, "Never", "Every trial goes to its end."),
    ];

    public static IReadOnlyList<SearchChoice<SearchObjective>> Objectives { get; } =
    [
        new(SearchObjective.ValidationLoss, "Validation loss", "Loss of the answers on the validation rows."),
        new(
            SearchObjective.Accuracy,
            "Right answers",
            "Share of right answers on the validation rows; for data with a closed set of labels."
        ),
    ];

    /// <summary>Name of what trials are compared by, with its unit.</summary>
    public static string Unit(SearchObjective objective) =>
        objective == SearchObjective.Accuracy ? "right answers, %" : "validation loss, nats a token";

    /// <param name="value">Lower is better, as samplers have it.</param>
    public static double Shown(SearchObjective objective, double value) =>
        objective == SearchObjective.Accuracy ? 100 * (1 - value) : value;

    public static string Write(SearchObjective objective, double? value) =>
        value is not { } number || !double.IsFinite(number) ? "–"
        : objective == SearchObjective.Accuracy ? Format.Percent(1 - number)
        : Format.Number(number, 4);

    public static RunStatus Status(SettingSearch search) =>
        (search.Approval, search.State) switch
        {
            (ApprovalState.Submitted, _) => new("waits for approval", Icons.Material.Outlined.HourglassEmpty, Color.Warning),
            (ApprovalState.Rejected, _) => new("rejected", Icons.Material.Outlined.ThumbDown, Color.Error),
            (_, SearchState.Running) => new("searching", Icons.Material.Outlined.PlayCircle, Color.Info),
            (_, SearchState.Paused) => new("paused", Icons.Material.Outlined.PauseCircle, Color.Warning),
            (_, SearchState.Completed) => new("completed", Icons.Material.Outlined.CheckCircle, Color.Success),
            _ => new("stopped", Icons.Material.Outlined.StopCircle, Color.Default),
        };

    public static RunStatus Status(TrialOutcome outcome) =>
        outcome switch
        {
            TrialOutcome.Running => new("running", Icons.Material.Outlined.PlayCircle, Color.Info),
            TrialOutcome.Completed => new("completed", Icons.Material.Outlined.CheckCircle, Color.Success),
            TrialOutcome.Pruned => new("ended early", Icons.Material.Outlined.ContentCut, Color.Default),
            TrialOutcome.Stopped => new("stopped", Icons.Material.Outlined.StopCircle, Color.Default),
            _ => new("failed", Icons.Material.Outlined.Error, Color.Error),
        };

    /// <summary>A parameter's bounds in a sentence's part.</summary>
    public static string Bounds(Parameter parameter)
    {
        var bounds = parameter switch
        {
            FloatParameter f => $"{f.Write(f.Low)} to {f.Write(f.High)}{(f.Logarithmic ? ", by factors" : "")}",
            IntegerParameter i =>
                $"{i.Low.ToString(CultureInfo.InvariantCulture)} to {i.High.ToString(CultureInfo.InvariantCulture)}, whole{(i.Logarithmic ? ", by factors" : "")}",
            ChoiceParameter c => string.Join(", ", c.Choices),
            _ => "",
        };
        return parameter.When is { } when
            ? $"{bounds}; only with {SearchableSetting.Of(when.Parent).Label.ToLowerInvariant()} {string.Join(" or ", when.Choices)}"
            : bounds;
    }
}
