using System.Text.Json;
using Microsoft.AspNetCore.Components;
using WebTrainer.Domain;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs.Pages;

/// <summary>A run to be: what is proposed for the data, what somebody changes of it, what it takes.</summary>
public sealed partial class NewRun
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(1.5);
    private static readonly string[] s_targets = [nameof(MethodSpec.Targets).ToLowerInvariant()];
    private readonly RunForm _form = new();
    private IReadOnlyList<PublishedDataset> _versions = [];
    private IReadOnlyList<BaseModel> _models = [];
    private RunView? _earlier;
    private RunView? _start;
    private ProjectPrice? _price;
    private RunPlan? _plan;
    private TuningSettings? _planned;
    private CancellationTokenSource? _looking;
    private string? _asked;
    private string? _planProblem;

    /// <summary>Dataset version to begin with.</summary>
    [SupplyParameterFromQuery]
    public Guid? Data { get; set; }

    /// <summary>A run to begin from.</summary>
    [SupplyParameterFromQuery]
    public Guid? From { get; set; }

    /// <summary>Settings to change of what is proposed: <c>epochs:6</c>.</summary>
    [SupplyParameterFromQuery]
    public string[]? Set { get; set; }

    /// <summary>A base model to begin with.</summary>
    [SupplyParameterFromQuery]
    public string? Base { get; set; }

    /// <summary>A run whose adapter it goes on from.</summary>
    [SupplyParameterFromQuery]
    public Guid? Start { get; set; }

    private DatasetFiles Files => _versions.First(v => v.VersionId == _form.VersionId).Files;

    private BaseModel? Chosen => _models.FirstOrDefault(m => m.Id == _form.BaseModel);

    private bool IsEncoder => Chosen is { IsEncoder: true };

    private bool HasNamedTargets => Chosen is not { } model || ModelTypes.HasLlamaNames(model.Type);

    private IReadOnlyList<string> Fixed =>
        _start is not null ? StartPoints.OwnSettings
        : HasNamedTargets ? []
        : s_targets;

    private string BaseWords =>
        Chosen is { IsEncoderDecoder: true }
            ? "An encoder reads the prompt, and a decoder learns to answer in text. Both stay as they are, and the run learns beside them."
        : !IsEncoder ? "A decoder learns to answer in text. It stays as it is, and the run learns beside it."
        : Files.Labels is null ? "An encoder learns labels or numbers; these rows have free answers, which need a decoder."
        : $"An encoder, because these rows have {Files.Labels.Count} labels to choose from: it tells them apart better and in less time than a model that writes. A decoder is one choice away.";

    private string MoreWords =>
        string.Join(
            " · ",
            SettingTable
                .For(_form.Tuning)
                .Where(setting =>
                    setting.Place == SettingPlace.More && !(_start is not null && StartPoints.OwnSettings.Contains(setting.Id))
                )
                .Select(setting => $"{setting.Label} {setting.Words(_form.Tuning)}")
                .Append($"Seed {_form.Seed}")
        );

    protected override async Task LoadAsync()
    {
        _versions = await Datasets.PublishedAsync(Caller, ProjectId, Left);
        _models = Models.Tunable();
        if (_versions.Count == 0 || _models.Count == 0)
        {
            return;
        }

        _price = await Projects.PriceAsync(Caller, ProjectId, Left);
        _start = Start is { } start ? await Service.GetAsync(Caller, ProjectId, start, Left) : null;
        _form.StartRunId = _start?.Run.Id;
        if (From is { } earlier && await RepeatAsync(earlier))
        {
            Apply(Set ?? []);
            return;
        }

        _form.VersionId = _versions.Any(v => v.VersionId == Data)
            ? Data!.Value
            : (_versions.FirstOrDefault(v => !v.LeaksUnanswered) ?? _versions[0]).VersionId;
        await DataChosenAsync();
        if (Base is not null && _models.Any(m => m.Id == Base))
        {
            _form.BaseModel = Base;
            await BaseChosenAsync();
        }

        Apply(Set ?? []);
    }

    // What an address asks for and is no setting or no value is left out: the form shows what it holds.
    private void Apply(IReadOnlyList<string> changes)
    {
        foreach (var change in changes.Select(c => c.Split(':', 2)).Where(c => c.Length == 2))
        {
            var setting = SettingTable.All.FirstOrDefault(s => s.Id == change[0]);
            if (setting is not null && Stored.TryRead(() => setting.Read(_form.Tuning, change[1])) is { } changed)
            {
                _form.Tuning = SettingConsequences.After(_form.Tuning, changed);
            }
        }
    }

    /// <returns>False where its data or base is no longer there.</returns>
    private async Task<bool> RepeatAsync(Guid runId)
    {
        var request = await Service.RequestOfAsync(Caller, ProjectId, runId, Left);
        request = request with { DatasetVersionId = Data ?? request.DatasetVersionId };
        if (_versions.All(v => v.VersionId != request.DatasetVersionId) || _models.All(m => m.Id != request.BaseModel))
        {
            return false;
        }

        _form.Repeat(request);
        _start = request.StartRunId is { } start ? await Service.GetAsync(Caller, ProjectId, start, Left) : null;
        _earlier = await Service.GetAsync(Caller, ProjectId, runId, Left);
        return true;
    }

    private string RepeatWords(RunView earlier)
    {
        var changes = SettingWords.Differences(earlier.Spec.Tuning, _form.ToRequest().Tuning).ToList();
        if (earlier.Run.DatasetVersionId != _form.VersionId)
        {
            changes.Insert(0, "the data");
        }

        return $"Begun from run {earlier.Run.Number}. "
            + (changes.Count == 0 ? "Nothing of its training is changed yet." : $"Changed: {string.Join("; ", changes)}.");
    }

    private string Asked => JsonSerializer.Serialize(_form.ToRequest() with { Name = "" }, ProtocolJson.Line);

    // What is proposed is shown with what it takes, and made anew when somebody changes it and then rests.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        if (Loaded && _versions.Count > 0 && _models.Count > 0 && Asked is var asked && asked != _asked)
        {
            _asked = asked;
            await LookAsync(s_rest);
        }
    }

    /// <summary>Only the last settings are measured: what was under way for others ends.</summary>
    private async Task LookAsync(TimeSpan rest)
    {
        if (_looking is not null)
        {
            await _looking.CancelAsync();
        }

        using var looking = CancellationTokenSource.CreateLinkedTokenSource(Left);
        _looking = looking;
        try
        {
            await Task.Delay(rest, looking.Token);
            StateHasChanged();
            var tuning = _form.Tuning;
            var plan = await Service.PlanAsync(Caller, ProjectId, _form.ToRequest(), looking.Token);
            (_plan, _planned, _planProblem) = (plan, tuning, null);
        }
        catch (Exception ex) when (ex is JobFailedException or RuleViolationException or ForbiddenException)
        {
            (_plan, _planProblem) = (null, ex.Message);
        }
        catch (OperationCanceledException) when (looking.IsCancellationRequested)
        {
            return; // other settings are looked at, or the page was left
        }
        finally
        {
            if (_looking == looking)
            {
                _looking = null;
            }
        }

        StateHasChanged();
    }

    // The base for what is learned, and its defaults: an encoder for labels; a decoder learns free answers gently.
    private async Task DataChosenAsync()
    {
        _form.BaseModel = _start?.Run.BaseModel ?? RunDefaults.BaseFor(Files, _models)!.Id;
        await ProposeAsync();
    }

    private async Task ProposeAsync()
    {
        _plan = null;
        _form.Propose(await ProposedAsync());
    }

    private async Task<TuningSettings> ProposedAsync()
    {
        var proposed = await Service.DefaultsAsync(Caller, ProjectId, _form.VersionId, _form.BaseModel, Left);
        return _start is { } start ? proposed with { Method = StartPoints.MethodOf(start.Spec.Method, proposed.Method) } : proposed;
    }

    // Another tokenizer cuts the same rows into more or fewer pieces; what somebody has set stays, unless a model of the other kind learns
    // otherwise.
    private async Task BaseChosenAsync()
    {
        _plan = null;
        if (IsEncoder != _form.Tuning.Classifier is not null)
        {
            await ProposeAsync();
        }
        else
        {
            _form.ProposeForBase(await ProposedAsync());
        }
    }

    private async Task ChangeAsync(TuningSettings now)
    {
        var before = _form.Tuning;
        if (before.Objective.Kind != now.Objective.Kind)
        {
            await ProposeAsync();
            now = _form.Tuning with { Objective = now.Objective with { Teacher = now.Objective.Teacher ?? _form.BaseModel } };
        }

        _form.Tuning = SettingConsequences.After(before, now);
    }

    private IReadOnlyList<string>? OptionsOf(Setting setting) =>
        setting.Id == "teacher" ? [.. _models.Where(model => !model.IsEncoder).Select(model => model.Id)] : null;

    private static string NameOf(PublishedDataset version) =>
        $"{version.Name} v{version.Number} ({Format.Count(version.Files.Train?.Rows ?? 0)} rows to learn from{(version.LeaksUnanswered ? "; leaks, not to be used" : "")})";

    private Task PlanAsync()
    {
        _asked = Asked;
        return LookAsync(TimeSpan.Zero);
    }

    private Task SubmitAsync() =>
        OnceAsync(
            () => Service.SubmitAsync(Caller, ProjectId, _form.ToRequest(), Left),
            id =>
            {
                Chrome?.ProjectChanged();
                return GoTo(Link($"runs/{id}"));
            }
        );
}
