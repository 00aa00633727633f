using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Evaluations.Advice;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>What an evaluation found, while it runs and afterwards.</summary>
public sealed partial class EvaluationPage
{
    private const int PageSize = 25;
    private EvaluationView? _view;
    private IReadOnlyList<GoalView> _goals = [];
    private ProjectPrice _price = new(null, "");
    private IReadOnlyList<NextStep> _next = [];
    private bool _mayAct;
    private ExamplePage _page = new([], 0);
    private ExampleFilter _filter;

    [Parameter]
    public Guid EvaluationId { get; set; }

    [SupplyParameterFromQuery(Name = "show")]
    public string? Show { get; set; }

    [SupplyParameterFromQuery(Name = "contains")]
    public string? Contains { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public int PageNumber { get; set; }

    protected override async Task LoadAsync()
    {
        _view = await Service.GetAsync(Caller, ProjectId, EvaluationId, Left);
        _goals = await Projects.GoalsAsync(Caller, ProjectId, Left);
        _price = await Projects.PriceAsync(Caller, ProjectId, Left);
        _mayAct = (await Projects.GetAsync(Caller, ProjectId, Left)).Role.Allows(Permission.Evaluate);
        _next = _view.Report is { } judged
            ? EvaluationAdvice.Of(judged, _goals, _price, _view.Runs.ToDictionary(r => r.Key, r => r.Value.Id), Link)
            : [];
        _filter = Enum.TryParse<ExampleFilter>(Show, ignoreCase: true, out var filter) ? filter : ExampleFilter.All;
        if (_view.Report is { } report)
        {
            _page = await Service.ExamplesAsync(
                Caller,
                ProjectId,
                EvaluationId,
                Tuned(report)[^1].Name,
                _filter,
                Contains,
                (Math.Max(1, PageNumber) - 1) * PageSize,
                PageSize,
                Left
            );
        }
        if (!_view.Evaluation.Job!.HasEnded)
        {
            Follow(WatchAsync);
        }
    }

    private async Task WatchAsync()
    {
        await foreach (var _ in Feed.WatchProjectAsync(Caller, ProjectId, Left))
        {
            await LoadAsync();
            StateHasChanged();
            if (_view!.Evaluation.Job!.HasEnded && (_view.Report is not null || _view.Evaluation.Job.State != JobState.Completed))
            {
                break;
            }
        }

        Chrome?.ProjectChanged();
    }

    private Task StopAsync() =>
        ActAsync(() => Service.StopAsync(Caller, ProjectId, EvaluationId, Left), "It ends; what was answered is kept.");

    private Task ResumeAsync() =>
        ActAsync(async () =>
        {
            await Service.ResumeAsync(Caller, ProjectId, EvaluationId, Left);
            await LoadAsync();
        });

    private void Query(string name, string? value)
    {
        var parameters = new Dictionary<string, object?> { [name] = value };
        if (name != "page")
        {
            parameters["page"] = null;
        }
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(parameters), replace: true);
    }

    private static IReadOnlyList<ModelFigures> Tuned(EvaluationReport report) => [.. report.Models.Where(m => m.Kind == ModelKind.Tuned)];

    /// <summary>Of the simple methods only the best is shown row by row.</summary>
    private static IEnumerable<ModelFigures> InExamples(EvaluationReport report) =>
        report.Models.Where(m =>
            m.Kind != ModelKind.Baseline
            || m == report.Models.Where(b => b.Kind == ModelKind.Baseline).MaxBy(b => b.Texts?.TokenF1 ?? b.Score)
        );

    // Of interest where the same model was judged at several precisions.
    private static bool HasWeights(EvaluationReport report) => report.Models.Any(m => m.Precision != WeightPrecision.Full);

    private static IReadOnlyList<string> ScoreNames(EvaluationReport report) =>
        [.. report.Models.SelectMany(m => m.Scores).Select(score => score.Name).Distinct()];

    private static bool HasTexts(EvaluationReport report) => report.Models.Any(m => m.Texts is not null);

    private static string WordOf(ExampleFilter filter) =>
        filter switch
        {
            ExampleFilter.Won => "right now, base wrong",
            ExampleFilter.Lost => "base right, wrong now",
            ExampleFilter.Wrong => "wrong now",
            _ => "all examples",
        };
}
