using System.Globalization;
using Microsoft.AspNetCore.Components;
using WebTrainer.Domain.Searches;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Charts;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Search.Importance;

namespace WebTrainer.Portal.Features.Searches.Pages;

/// <summary>One search: approval, live charts, importance, trials, and what to do with the best.</summary>
public sealed partial class SearchPage
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private SearchView? _view;
    private bool _mayApprove;
    private IReadOnlyList<XySeries> _progress = [];
    private IReadOnlyList<XySeries> _curves = [];
    private IReadOnlyList<SettingShare> _importance = [];
    private IReadOnlyList<ParallelAxis> _axes = [];
    private IReadOnlyList<ParallelLine> _lines = [];
    private Dictionary<string, Brush> _brushes = [];
    private HashSet<int>? _kept;
    private double? _highest;

    protected override async Task LoadAsync()
    {
        _mayApprove = await Runs.MayApproveAsync(Caller, ProjectId, Left);
        await ReadAsync();
        Follow(WatchAsync);
    }

    // What a search does is read anew while it goes on: it changes when a trial begins, is validated or ends.
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(s_interval);
        while (await timer.WaitForNextTickAsync(Left))
        {
            if (_view!.Search.HasEnded && _view.Search.Trials.All(t => t.Outcome != TrialOutcome.Running))
            {
                continue;
            }

            await ReadAsync();
            StateHasChanged();
        }
    }

    private async Task ReadAsync()
    {
        var view = await Service.GetAsync(Caller, ProjectId, SearchId, Left);
        if (view.Problem is not null)
        {
            _view = view;
            return;
        }

        var ended = _view?.Trials.Count(t => t.State == WebTrainer.Search.TrialState.Completed);
        if (ended != view.Trials.Count(t => t.State == WebTrainer.Search.TrialState.Completed))
        {
            _importance = SettingImportance.Of(view.Request.Space, view.Trials);
        }

        _view = view;
        (_highest, _progress, _curves) = (SearchCharts.Highest(view), SearchCharts.Progress(view), SearchCharts.Curves(view));
        (_axes, _lines) = (SearchCharts.Axes(view), SearchCharts.Lines(view));
        _brushes = (Keep ?? [])
            .Select(Brush.Read)
            .OfType<(string Axis, Brush Brush)>()
            .DistinctBy(b => b.Axis)
            .ToDictionary(b => b.Axis, b => b.Brush);
        _kept =
            _brushes.Count == 0
                ? null
                :
                [
                    .. _lines
                        .Where(l => ParallelCoordinates.Keeps(_axes, _brushes, l))
                        .Select(l => int.Parse(l.Id, CultureInfo.InvariantCulture)),
                ];
    }

    private static IEnumerable<SettingLine> Fixed(SearchRequest request)
    {
        var searched = request.Space.Parameters.Select(p => p.Name).ToHashSet();
        return
        [
            .. SettingWords.Of(request.Run.Tuning).Where(line => !searched.Contains(line.Setting!.Id)),
            new("Seed", request.Run.Seed.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    private static string Width(double share) => (share * 100).ToString("F0", CultureInfo.InvariantCulture) + "%";

    private void Kept(string[]? brushes) => Show("keep", brushes);

    private void Sorted(string? sort) => Show("sort", sort);

    private void Filtered(string? outcome) => Show("outcome", outcome);

    private void Show(string name, object? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { [name] = value }), replace: true);

    private Task ControlAsync(Func<Caller, Guid, Guid, CancellationToken, Task> act) =>
        ActAsync(async () =>
        {
            await act(Caller, ProjectId, SearchId, Left);
            await ReadAsync();
        });

    private Task ApproveAsync() =>
        ActAsync(
            async () =>
            {
                await Service.ApproveAsync(Caller, ProjectId, SearchId, _view!.Search.SpecSha256, Left);
                await ReadAsync();
                Chrome?.ProjectChanged();
            },
            "Approved. The search begins."
        );

    private Task RejectAsync(string reason) =>
        ActAsync(
            async () =>
            {
                await Service.RejectAsync(Caller, ProjectId, SearchId, reason, Left);
                await ReadAsync();
            },
            "The search is rejected."
        );

    private async Task StopAsync()
    {
        var sure = await Dialogs.ShowMessageBoxAsync(
            "Stop the search?",
            "Trials that run are ended, and none begins any more. What was found stays.",
            yesText: "Stop now",
            cancelText: "Let it go on"
        );
        if (sure == true)
        {
            await ControlAsync(Service.StopAsync);
        }
    }

    private Task RunAgainAsync(int trial) =>
        OnceAsync(
            () => Service.RunAgainAsync(Caller, ProjectId, SearchId, trial, Left),
            run =>
            {
                Chrome?.ProjectChanged();
                return GoTo(Link($"runs/{run}"));
            },
            "Handed in; another lead approves it.",
            of: trial
        );
}
