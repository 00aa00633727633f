using MudBlazor;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Portal.Features.Datasets.Operations;

namespace WebTrainer.Portal.Features.Datasets.Sources;

/// <summary>Where a project fetches data from, and when it did.</summary>
public sealed partial class SourcesPage
{
    private IReadOnlyList<DataSourceView> _sources = [];
    private IReadOnlyList<DatasetOperation> _operations = [];
    private Guid? _id;
    private bool _kept;
    private SourceKind _kind;
    private string _name = "",
        _dataset = "";
    private string? _schedule;
    private SourceSettings? _form;
    private SourceSecret _secret = new();
    private string? _tested;

    private string Folders =>
        Sources.Allowed.Folders.Count == 0
            ? "No folder may be read yet; an administrator names them in the setting Sources:Folders."
            : $"Below {string.Join(" or ", Sources.Allowed.Folders)}";

    protected override async Task LoadAsync()
    {
        _sources = await Sources.ListAsync(Caller, ProjectId, Left);
        _operations =
        [
            .. (await Data.OperationsAsync(Caller, ProjectId, Left)).Where(o =>
                o.Job.Kind == DataJobKind.Sync && (o.EndedAt is null || o.Error is not null)
            ),
        ];
    }

    private void Add()
    {
        (_id, _kept, _kind, _name, _dataset, _schedule, _form, _secret, _tested) = (
            null,
            false,
            SourceKind.Web,
            "",
            "",
            null,
            new SourceSettings(),
            new SourceSecret(),
            null
        );
    }

    private void Change(DataSourceView source)
    {
        (_id, _kept, _kind, _name, _dataset, _schedule, _form, _secret, _tested) = (
            source.Id,
            source.HasSecret,
            source.Kind,
            source.Name,
            source.DatasetName,
            source.Schedule,
            source.Settings,
            new SourceSecret(),
            null
        );
    }

    private SourceForm Form =>
        new(
            _kind,
            _name,
            _form!,
            _kept && _secret == new SourceSecret() ? null : _secret,
            _dataset,
            _sources.FirstOrDefault(s => s.Id == _id)?.Mapping,
            _schedule
        );

    private Task SaveAsync() =>
        OnceAsync(
            () => Sources.SaveAsync(Caller, ProjectId, _id, Form, Left),
            () =>
            {
                _form = null;
                return LoadAsync();
            }
        );

    private Task TestAsync()
    {
        _tested = null;
        return ActAsync(async () => _tested = await Sources.TestAsync(Caller, ProjectId, _id, Form, Left));
    }

    private Task RemoveAsync(DataSourceView source) =>
        ActAsync(async () =>
        {
            await Sources.RemoveAsync(Caller, ProjectId, source.Id, Left);
            await LoadAsync();
        });

    private Task SyncAsync(DataSourceView source) =>
        ActAsync(async () =>
        {
            await Sources.StartSyncAsync(Caller, ProjectId, source.Id, Left);
            await LoadAsync();
        });

    private async Task EndedAsync(DatasetOperation operation)
    {
        await LoadAsync();
        if (operation.Result is not { } made)
        {
            return;
        }
        Chrome?.ProjectChanged();
        Snackbar.Add($"{operation.Title}: version {made.Number} is the latest.", Severity.Success);
    }

    private Task StopAsync(DatasetOperation operation) =>
        ActAsync(async () =>
        {
            await Data.StopAsync(Caller, ProjectId, operation.Id, Left);
            await LoadAsync();
        });

    private static string Name(SourceKind kind) =>
        kind switch
        {
            SourceKind.Web => "file at an address",
            SourceKind.S3 => "S3-compatible bucket",
            SourceKind.PostgreSql => "PostgreSQL query",
            SourceKind.MySql => "MySQL query",
            SourceKind.Sqlite => "SQLite query",
            SourceKind.Folder => "folder on this server",
            SourceKind.HuggingFace => "Hugging Face dataset",
            SourceKind.Airbyte => "Airbyte source",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
}
