using Microsoft.AspNetCore.Components;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Import;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Uploads;

namespace WebTrainer.Portal.Features.Datasets.Pages;

/// <summary>From an uploaded file to rows: how it is read, what its columns mean, and what would come of it.</summary>
public sealed partial class ImportPage
{
    private const int PreviewRows = 10;
    private const int MaxFieldsNamed = 12;
    private UploadView? _upload;
    private UploadLook? _look;
    private IReadOnlyList<DatasetView> _datasets = [];
    private ColumnMapping _mapping = new() { Shape = DataShape.Label };
    private FileReading _reading = FileReading.ByLooking;
    private string? _readingRefusal;
    private RowPreview? _preview;
    private string? _previewRefusal;
    private string? _refusal;
    private string _name = "";
    private DatasetOperation? _operation;

    [Parameter]
    public Guid UploadId { get; set; }

    /// <summary>All that can be set in the form.</summary>
    public sealed record Fields(string Name, ColumnMapping Mapping, FileReading Reading);

    protected override Fields? Draft => _look is null ? null : new(_name, _mapping, _reading);

    private DatasetView? Existing => _datasets.FirstOrDefault(d => d.Name == _name.Trim() && d.Versions.Count > 0);

    protected override async Task LoadAsync()
    {
        _upload = await Uploads.GetAsync(Caller, ProjectId, UploadId, Left);
        _datasets = await Data.ListAsync(Caller, ProjectId, Left);
        var kept = await RestoreAsync();
        _name = kept?.Name ?? Shorten(Path.GetFileNameWithoutExtension(_upload.FileName));
        _reading = kept?.Reading ?? _reading;
        try
        {
            _look = await DataImports.LookAsync(Caller, ProjectId, UploadId, _reading, progress: null, Left);
        }
        catch (DataProblemException ex)
        {
            _refusal = ex.Message;
            return;
        }

        _refusal = _look.Proposal.Refusal;
        await ChangeAsync(kept?.Mapping ?? _look.Proposal.Mapping ?? _mapping);
    }

    /// <summary>Looks again as a person says; what can't be read so leaves all as it was, with the reason beside it.</summary>
    private async Task ReadAsync(FileReading reading)
    {
        try
        {
            var before = _look!.Proposal.Fields;
            _look = await DataImports.LookAsync(Caller, ProjectId, UploadId, reading, progress: null, Left);
            (_reading, _readingRefusal) = (reading, null);
            await ChangeAsync(
                before.SequenceEqual(_look.Proposal.Fields) ? _mapping : _look.Proposal.Mapping ?? new() { Shape = DataShape.Label }
            );
        }
        catch (DataProblemException ex)
        {
            _readingRefusal = ex.Message;
        }
    }

    private async Task ChangeAsync(ColumnMapping mapping)
    {
        _mapping = mapping;
        try
        {
            _preview = await DataImports.PreviewAsync(Caller, ProjectId, UploadId, mapping, _reading, PreviewRows, Left);
            _previewRefusal = null;
        }
        catch (DataProblemException ex)
        {
            _preview = null;
            _previewRefusal = ex.Message;
        }
    }

    private Task ImportAsync() =>
        OnceAsync(() => DataImports.StartImportAsync(Caller, ProjectId, UploadId, _name, _mapping, Left, _reading), FollowAsync);

    private Task FollowAsync(DatasetOperation operation)
    {
        _operation = operation;
        return TakenAsync();
    }

    private void Ended(DatasetOperation operation)
    {
        if (operation.Result is not { } made)
        {
            return;
        }
        Chrome?.ProjectChanged();
        Navigation.NavigateTo(Link($"data/{made.DatasetId}/v/{made.Number}"));
    }

    // Stops it; once it has ended, goes back to the form with all that was chosen.
    private Task StopAsync(DatasetOperation operation) =>
        ActAsync(async () =>
        {
            var ended = operation.EndedAt is not null;
            await Data.StopAsync(Caller, ProjectId, operation.Id, Left);
            if (ended)
            {
                _operation = null;
                NotTaken();
            }
        });

    private Task DiscardAsync() =>
        ActAsync(async () =>
        {
            await Uploads.DiscardAsync(Caller, ProjectId, UploadId, Left);
            Navigation.NavigateTo(Link("data"));
        });

    private static string Shorten(string name) => name.Length <= Dataset.MaxNameLength ? name : name[..Dataset.MaxNameLength];
}
