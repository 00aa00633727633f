using MudBlazor;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Models;

/// <summary>The base models and encoders of this server: adding, trying and taking away.</summary>
public sealed partial class ModelsPage
{
    private IReadOnlyList<BaseModel> _models = [];
    private bool _mayManage;
    private Guid? _arrived;
    private string _name = "";
    private bool _working;
    private string? _trying;
    private string _hubName = "";
    private IReadOnlyList<string> _unknown = [];
    private IReadOnlyList<ModelDownload> _downloads = [];
    private IReadOnlyList<PublishedEncoder> _published = [];
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    protected override async Task LoadAsync()
    {
        _mayManage = await Library.MayManageAsync(Caller, Left);
        _models = await Library.ListAsync(Caller, ProjectId, Left);
        _downloads = await Downloads.ListAsync(Caller, ProjectId, Left);
        _published = await Downloads.ListPublishedAsync(Caller, ProjectId, Left);
        Follow(WatchAsync);
    }

    /// <summary>Those that nobody fetches just now; one whose download broke off is offered again.</summary>
    private IReadOnlyList<PublishedEncoder> Offered =>
        [.. _published.Where(e => !_downloads.Any(d => d.Name == e.Name && d.Problem is null))];

    private static bool HasArrived(ModelDownload download) => download.Progress is { } now && now.Done >= now.Total;

    private static string Where(ModelDownload download) =>
        download switch
        {
            { Problem: not null } => "broke off",
            { Progress: null } => "asking for it…",
            _ when HasArrived(download) => "it is unpacked, loaded, and tried…",
            { Progress: { } now } => $"{now.File}, {Format.Bytes(now.Done)} of {Format.Bytes(now.Total)}",
        };

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(s_interval);
        while (await timer.WaitForNextTickAsync(Left))
        {
            var now = await Downloads.ListAsync(Caller, ProjectId, Left);
            if (now.SequenceEqual(_downloads))
            {
                continue;
            }
            if (now.Count < _downloads.Count)
            {
                _models = await Library.ListAsync(Caller, ProjectId, Left);
                _published = await Downloads.ListPublishedAsync(Caller, ProjectId, Left);
            }
            _downloads = now;
            await InvokeAsync(StateHasChanged);
        }
    }

    private Task FetchAsync() =>
        OnceAsync(
            () => Downloads.BeginAsync(Caller, ProjectId, _hubName.Trim(), _hubName.Trim().Split('/')[^1], Left),
            async () =>
            {
                _hubName = "";
                _downloads = await Downloads.ListAsync(Caller, ProjectId, Left);
            }
        );

    private Task FetchPublishedAsync(PublishedEncoder encoder) =>
        ActAsync(async () =>
        {
            await Downloads.BeginPublishedAsync(Caller, ProjectId, encoder.Name, Left);
            _downloads = await Downloads.ListAsync(Caller, ProjectId, Left);
        });

    private Task StopAsync(ModelDownload download) =>
        ActAsync(async () =>
        {
            await Downloads.StopAsync(Caller, ProjectId, download.Name, Left);
            _downloads = await Downloads.ListAsync(Caller, ProjectId, Left);
        });

    private Task FetchAgainAsync(ModelDownload download, IReadOnlyList<string> confirmed) =>
        OnceAsync(
            () => Downloads.BeginAsync(Caller, ProjectId, download.Source, download.Name, Left, confirmed),
            async () => _downloads = await Downloads.ListAsync(Caller, ProjectId, Left)
        );

    private void Arrived(Guid uploadId) => (_arrived, _unknown) = (uploadId, []);

    private async Task InstallAsync(IReadOnlyList<string> confirmed)
    {
        _working = true;
        await OnceAsync(
            () => TryInstallAsync(confirmed),
            async () =>
            {
                (_arrived, _name, _unknown) = (null, "", []);
                _models = await Library.ListAsync(Caller, ProjectId, Left);
            },
            "The model was tried and is here."
        );
        _working = false;
    }

    /// <summary>A refusal for keys that are not understood leaves them to be confirmed.</summary>
    private async Task TryInstallAsync(IReadOnlyList<string> confirmed)
    {
        try
        {
            await Library.InstallAsync(Caller, ProjectId, _arrived!.Value, _name.Trim(), Left, confirmed);
        }
        catch (JobFailedException refused)
        {
            _unknown = ConfirmedKeys.FindIn(refused.Message);
            throw;
        }
    }

    private async Task CheckAsync(BaseModel model)
    {
        _trying = model.Id;
        await ActAsync(async () =>
        {
            await Library.CheckAsync(Caller, ProjectId, model.Id, Left);
            _models = await Library.ListAsync(Caller, ProjectId, Left);
        });
        _trying = null;
    }

    private Task RemoveAsync(BaseModel model) =>
        ActAsync(
            async () =>
            {
                await Library.RemoveAsync(Caller, ProjectId, model.Id, Left);
                _models = await Library.ListAsync(Caller, ProjectId, Left);
                _published = await Downloads.ListPublishedAsync(Caller, ProjectId, Left);
            },
            $"{model.Id} is gone."
        );
}
