using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Uploads;

/// <summary>Takes files by drag, by choice or from the clipboard, and sends them in parts that survive a broken line.</summary>
public sealed partial class DropZone
{
    private ElementReference _zone;
    private ElementReference _input;
    private DotNetObjectReference<DropZone>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _handle;
    private UploadProgress? _progress;
    private double? _waitSeconds;
    private string? _refusal;

    [Parameter, EditorRequired]
    public required Guid ProjectId { get; set; }

    [Parameter, EditorRequired]
    public required long MaxBytes { get; set; }

    /// <summary>Endings that the file dialog offers.</summary>
    [Parameter]
    public string Accept { get; set; } = ".jsonl,.json,.csv,.tsv,.txt,.md,.parquet,.xlsx,.pdf,.docx,.gz,.zip";

    /// <summary>What may be dropped, in words.</summary>
    [Parameter]
    public string Kinds { get; set; } = "JSONL, CSV, Parquet, XLSX, PDF, DOCX and more";

    /// <summary>Id of its field; where a page has two, each has its own.</summary>
    [Parameter]
    public string InputId { get; set; } = "upload-file";

    /// <summary>The file is here; with the id of its upload.</summary>
    [Parameter]
    public EventCallback<Guid> OnArrived { get; set; }

    /// <summary>An upload ended without its file.</summary>
    [Parameter]
    public EventCallback OnEnded { get; set; }

    private sealed record UploadProgress(string Name, long Received, long Total, double BytesPerSecond)
    {
        public double Percent => 100.0 * Received / Total;
    }

    public async Task ChooseAsync()
    {
        if (_handle is not null)
        {
            await _handle.InvokeVoidAsync("choose");
        }
    }

    [JSInvokable]
    public void OnProgress(string name, long received, long total, double bytesPerSecond)
    {
        _progress = new UploadProgress(name, received, total, bytesPerSecond);
        _waitSeconds = null;
        _refusal = null;
        StateHasChanged();
    }

    [JSInvokable]
    public void OnWaiting(double seconds)
    {
        _waitSeconds = seconds;
        StateHasChanged();
    }

    [JSInvokable]
    public Task OnDone(Guid uploadId, string name)
    {
        _progress = null;
        return OnArrived.InvokeAsync(uploadId);
    }

    [JSInvokable]
    public Task OnRefused(string sentence)
    {
        _refusal = sentence;
        return EndAsync();
    }

    [JSInvokable]
    public Task OnCancelled() => EndAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }
        _self = DotNetObjectReference.Create(this);
        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./js/upload.js");
        _handle = await _module.InvokeAsync<IJSObjectReference>("attach", _zone, _input, ProjectId, _self);
        StateHasChanged();
    }

    private Task EndAsync()
    {
        _progress = null;
        _waitSeconds = null;
        StateHasChanged();
        return OnEnded.InvokeAsync();
    }

    private async Task CancelAsync() => await _module!.InvokeVoidAsync("cancel");

    private async Task RetryAsync() => await _module!.InvokeVoidAsync("retryNow");

    private string Words(UploadProgress now)
    {
        var share = $"{Format.Bytes(now.Received)} of {Format.Bytes(now.Total)} · {now.Percent:0} %";
        if (_waitSeconds is { } seconds)
        {
            return $"{share} · the server does not answer; next try in {seconds:0} s";
        }
        if (now.Received == now.Total)
        {
            return $"{share} · checking";
        }
        if (now.BytesPerSecond <= 0)
        {
            return share;
        }
        return $"{share} · {Format.Bytes((long)now.BytesPerSecond)}/s · {Format.Duration((now.Total - now.Received) / now.BytesPerSecond)} left";
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_handle is not null)
            {
                await _handle.InvokeVoidAsync("detach");
                await _handle.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and what it held with it.
        }

        _self?.Dispose();
    }
}
