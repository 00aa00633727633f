using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Domain.Judging;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Judging.Pages;

/// <summary>What a judging model thought of the answers of an evaluation.</summary>
public sealed partial class JudgedEvaluation
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(1);
    private IReadOnlyList<JudgeView> _judges = [];
    private IReadOnlyList<JudgeWorkView> _works = [];
    private JudgeView? _judge;
    private JudgeWorkKind _kind = JudgeWorkKind.ComparePairs;
    private IReadOnlyCollection<string> _chosen = [];
    private int _most = JudgeWorkRequest.UsualItems;
    private bool _mayManage;

    [Parameter]
    public Guid ProjectId { get; set; }

    [Parameter]
    public Guid EvaluationId { get; set; }

    /// <summary>Models that have answers, the base first.</summary>
    private IReadOnlyList<string> _models = [];

    private string Questions
    {
        get
        {
            var chosen = _chosen.Count;
            var questions = _kind == JudgeWorkKind.Score ? chosen * _most : chosen * (chosen - 1) * _most; // each pair in both orders
            return questions == 0
                ? "Choose the models."
                : $"At most {Format.Count(questions)} questions to the judge{(_kind == JudgeWorkKind.Score ? "" : ": each pair is asked about in both orders")}.";
        }
    }

    private string Trust =>
        _judge is null || _judge.Calibrations.Any(c => (c.Kind == JudgeWorkKind.CalibratePairs) == (_kind == JudgeWorkKind.ComparePairs))
            ? ""
            : JudgeWords.NotCalibrated;

    protected override async Task LoadAsync()
    {
        if (Loaded)
        {
            return; // the page around it shows itself again with each event of the evaluation
        }
        _mayManage = await Service.MayManageAsync(Caller, ProjectId, Left);
        _judges = [.. (await Service.ListAsync(Caller, ProjectId, Left)).Where(j => j.RetiredAt is null)];
        _judge = _judges.Count > 0 ? _judges[0] : null;
        _models = await Works.ModelsOfAsync(Caller, ProjectId, EvaluationId, Left);
        _chosen = [.. _models.Take(2)];
        await ReadAsync();
        Follow(RefreshAsync);
    }

    private async Task ReadAsync() => _works = await Works.OfEvaluationAsync(Caller, ProjectId, EvaluationId, Left);

    private async Task RefreshAsync()
    {
        using var timer = new PeriodicTimer(s_refresh);
        while (await timer.WaitForNextTickAsync(Left))
        {
            if (_works.All(w => w.State != JudgeWorkState.Open))
            {
                continue;
            }
            await ReadAsync();
            StateHasChanged();
        }
    }

    private Task StartAsync() =>
        OnceAsync(
            // In the report's order, so that "the second" is the tuned one.
            () =>
                Works.StartAsync(
                    Caller,
                    ProjectId,
                    _judge!.Id,
                    new JudgeWorkRequest(_kind, EvaluationId) { Models = [.. _models.Where(_chosen.Contains)], MaxItems = _most },
                    Left
                ),
            _ => ReadAsync()
        );

    private Task StopAsync(JudgeWorkView work) =>
        ActAsync(async () =>
        {
            await Works.StopAsync(Caller, ProjectId, work.Id, Left);
            await ReadAsync();
        });

    private Task ResumeAsync(JudgeWorkView work) =>
        ActAsync(async () =>
        {
            await Works.ResumeAsync(Caller, ProjectId, work.Id, Left);
            await ReadAsync();
        });

    private static string Do(JudgeWorkKind kind) =>
        kind == JudgeWorkKind.Score ? "scores each answer, 1 to 5" : "says which answer is better";
}
