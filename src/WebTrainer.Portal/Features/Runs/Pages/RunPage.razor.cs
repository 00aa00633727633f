using System.Text.Json;
using MudBlazor;
using WebTrainer.Domain;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Feed;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Charts;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Runs.Advice;
using WebTrainer.Portal.Features.Runs.Approving;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs.Pages;

/// <summary>One run: approval, live curves, control, samples, log.</summary>
public sealed partial class RunPage
{
    private const int ShownSamples = 30;
    private const int ShownLogLines = 500;

    private readonly List<JobMetric> _metrics = [];
    private readonly List<SampleEvent> _samples = [];
    private readonly List<string> _log = [];
    private RunView? _view;
    private bool _mayApprove;
    private bool _maySubmit;
    private RunPlan? _plan;
    private string? _planProblem;
    private bool _planned;
    private RunEvidenceCard? _evidence;
    private ProjectPrice? _price;
    private bool _hasAdapter;
    private bool _canBeStart;
    private ModelCheck? _check;
    private Job? _job;
    private JobMetric? _last;
    private JobMetric? _lastValidation;
    private PrivacyEvent? _privacy;
    private IReadOnlyList<XySeries> _losses = [];
    private IReadOnlyList<XySeries> _accuracy = [];
    private IReadOnlyList<XySeries> _rates = [];
    private IReadOnlyList<XySeries> _speeds = [];
    private IReadOnlyList<XySeries> _memory = [];
    private IReadOnlyList<NextStep> _next = [];
    private bool _isJudged;

    private Job? Job => _job ?? _view?.Run.Job;

    private RunStatus Status => Job is { } job ? RunStatus.Of(job) : _view!.Status;

    private string LossUnit =>
        _view?.Spec.Classifier?.Kind switch
        {
            null => "nats a token",
            ClassificationKind.Number => "squared distance",
            _ => "nats a text",
        };

    protected override async Task LoadAsync()
    {
        _view = await Service.GetAsync(Caller, ProjectId, RunId, Left);
        _mayApprove = await Service.MayApproveAsync(Caller, ProjectId, Left);
        _maySubmit = await Service.MaySubmitAsync(Caller, ProjectId, Left);
        _price = await Projects.PriceAsync(Caller, ProjectId, Left);
        _hasAdapter = Service.AdapterFolder(_view.Run) is not null;
        _isJudged = await Service.IsJudgedAsync(Caller, ProjectId, RunId, Left);
        _canBeStart = _maySubmit && Service.CanBeStart(_view);
        _check = Service.CheckOf(_view.Run);
        if (_view.Run.JobId is not null)
        {
            Follow(WatchAsync);
        }
        else
        {
            Follow(WaitForDecisionAsync);
        }
    }

    // Who decides sees what they decide on: what is known of it, then time, memory and the rows as the model reads them.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        if (!Loaded || _planned || _view is not { Problem: null, Run.Approval: ApprovalState.Submitted })
        {
            return;
        }

        _planned = true;
        try
        {
            _evidence = await Evidence.OfAsync(Caller, ProjectId, RunId, Left);
            if (_maySubmit)
            {
                StateHasChanged();
                await PlanAsync();
            }
        }
        catch (OperationCanceledException)
        {
            return; // the page was left
        }

        StateHasChanged();
    }

    private async Task PlanAsync()
    {
        try
        {
            _plan = await Service.PlanOfAsync(Caller, ProjectId, RunId, Left);
            _evidence = await Evidence.OfAsync(Caller, ProjectId, RunId, Left); // which knows the time now
        }
        catch (Exception ex) when (ex is JobFailedException or RuleViolationException or ForbiddenException)
        {
            _planProblem = ex.Message;
        }
    }

    private async Task WatchAsync()
    {
        await foreach (var update in Feed.WatchRunAsync(Caller, ProjectId, RunId, Left))
        {
            Take(update);
            StateHasChanged();
        }
    }

    // A colleague approves while this page is open: it goes on by itself.
    private async Task WaitForDecisionAsync()
    {
        await foreach (var _ in Feed.WatchProjectAsync(Caller, ProjectId, Left))
        {
            _view = await Service.GetAsync(Caller, ProjectId, RunId, Left);
            StateHasChanged();
            if (_view.Run.JobId is null)
            {
                continue;
            }

            Follow(WatchAsync);
            return;
        }
    }

    private void Take(JobUpdate update)
    {
        var ended = update.Job.HasEnded && _job?.HasEnded != true;
        _job = update.Job;
        if (update.Metrics.Count > 0)
        {
            TakeMetrics(update.Metrics);
        }

        foreach (var jobEvent in update.Events)
        {
            TakeEvent(jobEvent);
        }

        if (_samples.Count > ShownSamples)
        {
            _samples.RemoveRange(ShownSamples, _samples.Count - ShownSamples);
        }

        if (_log.Count > ShownLogLines)
        {
            _log.RemoveRange(0, _log.Count - ShownLogLines);
        }

        if (!ended)
        {
            return;
        }

        _next = RunAdvice.Of(_view!.Run, _job, _view.Spec.Training, RunCourse.Of(_metrics), _isJudged, Link);
        _hasAdapter = Service.AdapterFolder(_view!.Run) is not null;
        _canBeStart = _maySubmit && Service.CanBeStart(_view);
        Chrome?.ProjectChanged();
    }

    private void TakeMetrics(IReadOnlyList<JobMetric> metrics)
    {
        _metrics.AddRange(metrics);
        _last = _metrics.FindLast(m => m.Loss is not null);
        _lastValidation = _metrics.FindLast(m => m.ValidationLoss is not null);
        _losses = [Curves.Line("training", 0, _metrics, m => m.Loss), Curves.Line("validation", 1, _metrics, m => m.ValidationLoss)];
        _accuracy = [Curves.Line("right on validation rows", 2, _metrics, m => 100 * m.Accuracy)];
        _rates = [Curves.Line("learning rate", 0, _metrics, m => m.LearningRate)];
        _speeds = [Curves.Line("tokens/s", 0, _metrics, m => m.TokensPerSecond)];
        _memory = [Curves.Line("memory", 0, _metrics, m => m.MemoryBytes / 1e9)];
    }

    private void TakeEvent(JobEvent jobEvent)
    {
        switch (Stored.TryRead(() => JsonSerializer.Deserialize<RunEvent>(jobEvent.Json, ProtocolJson.Line)))
        {
            case PrivacyEvent privacy:
                _privacy = privacy;
                break;
            case SampleEvent sample:
                _samples.Insert(0, sample);
                break;
            case LogEvent log:
                AddLog(jobEvent, log.Message);
                break;
            case StateEvent state:
                AddLog(jobEvent, state.Reason is null ? state.State.ToString() : $"{state.State}: {state.Reason}");
                break;
            case CheckpointEvent checkpoint:
                AddLog(jobEvent, $"Checkpoint at step {checkpoint.Step}");
                break;
            case FailureEvent failure:
                AddLog(jobEvent, failure.Cause);
                break;
        }
    }

    private void AddLog(JobEvent jobEvent, string text) => _log.Add($"{jobEvent.Time.ToLocalTime():HH:mm:ss}  {text}");

    private Task WithdrawAsync() =>
        ActAsync(
            async () =>
            {
                await Service.WithdrawAsync(Caller, ProjectId, RunId, Left);
                await LoadAsync();
                Chrome?.ProjectChanged();
            },
            "The run is taken back."
        );

    private Task ApproveAsync() =>
        ActAsync(async () =>
        {
            await Service.ApproveAsync(Caller, ProjectId, RunId, _view!.Run.SpecSha256, Left);
            await LoadAsync();
            Chrome?.ProjectChanged();
            Snackbar.Add(
                _view.Run.Approval == ApprovalState.Approved
                    ? "Approved. The run is queued."
                    : "Approved. The project's policy asks for a second approver: the run waits for another lead.",
                Severity.Success
            );
        });

    private Task RejectAsync(string reason) =>
        ActAsync(
            async () =>
            {
                await Service.RejectAsync(Caller, ProjectId, RunId, reason, Left);
                await LoadAsync();
            },
            "The run is rejected."
        );

    private Task ResumeAsync() =>
        ActAsync(() => Service.ResumeAsync(Caller, ProjectId, RunId, Left), "The run goes on from its last checkpoint.");

    private async Task StopAsync()
    {
        var sure = await Dialogs.ShowMessageBoxAsync(
            "Stop the run?",
            "What it learned since its last checkpoint is given up. “Stop and save” keeps it.",
            yesText: "Stop now",
            cancelText: "Let it run"
        );
        if (sure == true)
        {
            await ActAsync(() => Service.StopAsync(Caller, ProjectId, RunId, Left));
        }
    }
}
