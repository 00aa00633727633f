using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace WebTrainer.Portal.Features.Playground;

/// <summary>Asks one model or two the same thing and shows the answers as they are written.</summary>
public sealed partial class PlaygroundPage
{
    private static readonly Dictionary<string, object?> s_auto = new() { ["dir"] = "auto" };
    private readonly Side _left = new();
    private readonly Side _right = new();
    private IReadOnlyList<Askable> _models = [];
    private string _prompt = "";
    private double _temperature;
    private int _maxTokens = 96;
    private bool _answering;
    private CancellationTokenSource? _stop;

    /// <summary>A run to try at once.</summary>
    [SupplyParameterFromQuery(Name = "run")]
    public Guid? RunId { get; set; }

    protected override async Task LoadAsync()
    {
        _models = await Service.ModelsAsync(Caller, ProjectId, Left);
        if (_models.Count == 0)
        {
            return;
        }
        _left.Model = _models[0].Name;
        _right.Model = (_models.FirstOrDefault(m => !m.IsEndpoint && m.WorkerName == RunId?.ToString("N")) ?? _models[^1]).Name;
    }

    private Task KeyAsync(KeyboardEventArgs key) =>
        key is { Key: "Enter", CtrlKey: true } && !_answering && !string.IsNullOrWhiteSpace(_prompt) ? AskAsync() : Task.CompletedTask;

    private async Task AskAsync()
    {
        _answering = true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Left);
        _stop = stop;
        await ActAsync(() => Task.WhenAll(AnswerAsync(_left, stop.Token), AnswerAsync(_right, stop.Token)));
        _stop = null;
        _answering = false;
    }

    private async Task AnswerAsync(Side side, CancellationToken cancellationToken)
    {
        side.Text.Clear();
        (side.Note, side.Good) = ("…", null);
        (side.RequestId, side.Ended) = (PlaygroundService.NewRequestId(), false);
        var started = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            await foreach (
                var chunk in Service.AskAsync(
                    Caller,
                    ProjectId,
                    side.RequestId,
                    side.Model,
                    _prompt,
                    _maxTokens,
                    _temperature,
                    cancellationToken
                )
            )
            {
                side.Text.Append(chunk.Text);
                if (chunk.FinishReason is not null)
                {
                    side.Note =
                        chunk.Error
                        ?? $"{chunk.CompletionTokens} tokens, {started.Elapsed.TotalSeconds:0.0} s, {WordOf(chunk.FinishReason)}";
                    side.Ended = chunk.Error is null && _models.Any(m => m.IsEndpoint && m.Name == side.Model);
                }
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            side.Note = "stopped";
        }
    }

    private Task SayAsync(Side side, bool good) =>
        ActAsync(async () =>
        {
            await Service.SayAsync(Caller, ProjectId, side.RequestId, good, Left);
            side.Good = good;
        });

    private static string WordOf(string finishReason) =>
        finishReason switch
        {
            "stop" => "finished",
            "length" => "cut at the limit",
            _ => finishReason,
        };

    private sealed class Side
    {
        public string Model { get; set; } = "";
        public StringBuilder Text { get; } = new();
        public string Note { get; set; } = "";
        public string RequestId { get; set; } = "";

        /// <summary>An endpoint has answered whole, so that something can be said of it.</summary>
        public bool Ended { get; set; }

        /// <summary>What was said of the answer.</summary>
        public bool? Good { get; set; }
    }
}
