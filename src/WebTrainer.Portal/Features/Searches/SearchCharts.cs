using WebTrainer.Portal.Components.Charts;
using WebTrainer.Search;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>What the charts of a search draw.</summary>
public static class SearchCharts
{
    private const string Pale = "var(--mud-palette-text-secondary)";
    private const string Strong = "var(--mud-palette-primary)";

    /// <summary>The best value so far by trial, and each trial's value as a dot.</summary>
    public static IReadOnlyList<XySeries> Progress(SearchView view)
    {
        var ended = view.Trials.Where(t => t.State == TrialState.Completed).ToList();
        var best = double.PositiveInfinity;
        var line = ended.Select(t => ((double)t.Number + 1, Shown(view, best = Math.Min(best, t.Value!.Value)))).ToList();
        return
        [
            new XySeries("each trial", [.. ended.Select(t => ((double)t.Number + 1, Shown(view, t.Value!.Value)))], Pale) { Dots = true },
            new XySeries("best so far", line, Strong),
        ];
    }

    /// <summary>Each trial's curve over its share of work, the best one in front.</summary>
    public static IReadOnlyList<XySeries> Curves(SearchView view) =>
        [
            .. view
                .Trials.Where(t => t.Curve.Count > 0)
                .Select(t => new XySeries(
                    t == view.Best ? $"trial {t.Number + 1}, the best" : $"trial {t.Number + 1}",
                    [.. t.Curve.Select(p => (p.Share * 100, Shown(view, p.Value)))],
                    t == view.Best ? Strong : Pale,
                    Quiet: t != view.Best
                )),
        ];

    /// <summary>A value above which curves are cut off, where a few bad trials would hide the others; null where none would.</summary>
    public static double? Highest(SearchView view)
    {
        if (view.Request.Objective == SearchObjective.Accuracy)
        {
            return null;
        }

        var values = view.Trials.SelectMany(t => t.Curve).Select(p => p.Value).Where(double.IsFinite).Order().ToList();
        return values.Count >= 8 ? values[values.Count * 3 / 4] + 2 * (values[values.Count * 3 / 4] - values[0]) : null;
    }

    /// <summary>An axis a setting, and last what came of it.</summary>
    public static IReadOnlyList<ParallelAxis> Axes(SearchView view)
    {
        var result = ResultScale(view);
        return
        [
            .. view.Request.Space.Parameters.Select(p => new ParallelAxis(p.Name, SearchableSetting.Of(p.Name).Label, MarksOf(p))),
            new ParallelAxis(
                "result",
                view.Request.Objective == SearchObjective.Accuracy ? "Right answers" : "Validation loss",
                [
                    .. result.Marks.Select(mark =>
                        (mark.At, view.Request.Objective == SearchObjective.Accuracy ? mark.Text + " %" : mark.Text)
                    ),
                ]
            ),
        ];
    }

    /// <summary>Lines of all trials that have a value or failed.</summary>
    public static IReadOnlyList<ParallelLine> Lines(SearchView view)
    {
        var scale = ResultScale(view);
        var order = view.Trials.Where(t => t.Value is { } v && double.IsFinite(v)).OrderBy(t => t.Value).Select(t => t.Number).ToList();
        return
        [
            .. view
                .Trials.Where(t => t.State != TrialState.Running)
                .Select(t => new ParallelLine(
                    t.Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    $"trial {t.Number + 1}: {SearchWords.Write(view.Request.Objective, t.Value)}",
                    [
                        .. view.Request.Space.Parameters.Select(p =>
                            t.Point.TryGetValue(p.Name, out var value) ? p.ToUnit(value) : (double?)null
                        ),
                        t.Value is { } v && double.IsFinite(v) ? Math.Clamp(scale.At(Shown(view, v)), 0, 1) : null,
                    ],
                    order.IndexOf(t.Number) is >= 0 and var place ? place / Math.Max(1.0, order.Count - 1) : null
                )),
        ];
    }

    private static XyScale ResultScale(SearchView view) =>
        XyScale.Of(view.Trials.Select(t => t.Value).OfType<double>().Where(double.IsFinite).Select(v => Shown(view, v)), Highest(view));

    private static IReadOnlyList<(double At, string Text)> MarksOf(Parameter parameter) =>
        parameter is ChoiceParameter choice
            ? [.. choice.Choices.Select((text, index) => (choice.ToUnit(index), text))]
            :
            [
                .. new[] { 0, 0.25, 0.5, 0.75, 1 }
                    .Select(parameter.FromUnit)
                    .Distinct()
                    .Select(value =>
                        (
                            parameter.ToUnit(value),
                            parameter is IntegerParameter
                                ? parameter.Write(value)
                                : value.ToString("G2", System.Globalization.CultureInfo.InvariantCulture)
                        )
                    ),
            ];

    private static double Shown(SearchView view, double value) => SearchWords.Shown(view.Request.Objective, value);
}
