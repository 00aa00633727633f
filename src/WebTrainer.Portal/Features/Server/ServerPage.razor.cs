using System.Globalization;
using Microsoft.AspNetCore.Components;
using WebTrainer.Jobs.Machine;
using WebTrainer.Portal.Components.Charts;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Theme;

namespace WebTrainer.Portal.Features.Server;

/// <summary>The server as it is now, looked at anew every few seconds.</summary>
public sealed partial class ServerPage
{
    private readonly Dictionary<Guid, ShareForm> _shares = [];
    private ServerUse? _use;
    private MachineReading _now = null!;
    private IReadOnlyList<XySeries> _busy = [];
    private IReadOnlyList<XySeries> _memory = [];

    [Inject]
    public required MachineMonitor Monitor { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    protected override async Task LoadAsync()
    {
        await LookAsync();
        Follow(WatchAsync);
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(MachineMonitor.Interval, Time);
        while (await timer.WaitForNextTickAsync(Left))
        {
            await LookAsync();
            StateHasChanged();
        }
    }

    private async Task LookAsync()
    {
        _use = await Service.ReadAsync(Caller, Left);
        foreach (var project in _use.Hours)
        {
            _shares.TryAdd(project.ProjectId, new ShareForm { Weight = project.Weight, Quota = project.Quota });
        }

        var readings = Monitor.Readings;
        _now = readings[^1];
        _busy =
        [
            Line("processor", 0, readings, r => r.Busy),
            .. _now.Gpus.Select((gpu, i) => Line(gpu.Device, i + 1, readings, r => Gpu(r, i)?.Busy)),
        ];
        _busy = [.. _busy.Select(line => line with { Points = [.. line.Points.Select(p => (p.X, p.Y * 100))] })];
        _memory =
        [
            Line("memory", 0, readings, r => (r.MemoryBytes - r.MemoryFreeBytes) / 1e9),
            .. _now.Gpus.Select((gpu, i) => Line(gpu.Device, i + 1, readings, r => Gpu(r, i)?.MemoryUsedBytes / 1e9)),
        ];
    }

    private Task SaveAsync(ProjectHours project, ShareForm share) =>
        ActAsync(
            async () =>
            {
                await Service.SetShareAsync(Caller, project.ProjectId, share.Weight, share.Quota, Left);
                await LookAsync();
            },
            $"{project.Name}: saved."
        );

    private static GpuReading? Gpu(MachineReading reading, int index) => reading.Gpus.ElementAtOrDefault(index);

    /// <summary>In minutes before now.</summary>
    private XySeries Line(string name, int color, IReadOnlyList<MachineReading> readings, Func<MachineReading, double?> value) =>
        new(
            name,
            [.. readings.Where(r => value(r) is not null).Select(r => (-(_now.At - r.At).TotalMinutes, value(r)!.Value))],
            PortalTheme.Curves[color % PortalTheme.Curves.Length]
        );

    private static string Of(long part, long all) => $"{Format.Bytes(part)} of {Format.Bytes(all)}";

    private static string Hours(double hours) => hours.ToString(hours < 10 ? "0.00" : "0.0", CultureInfo.CurrentCulture) + " h";

    private sealed class ShareForm
    {
        public double Weight { get; set; }
        public double? Quota { get; set; }
    }
}
