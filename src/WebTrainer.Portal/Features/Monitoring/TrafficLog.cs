using System.Threading.Channels;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>
/// Writes what became of requests, off their path: an answer waits neither for the disk nor for this, and a full disk stops the records
/// alone.
/// </summary>
public sealed class TrafficLog : SteadyService
{
    private readonly Channel<(Guid Endpoint, TrafficRecord Record)> _waiting;
    private readonly TrafficFiles _files;
    private readonly TrafficOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _writing = new();
    private long _lost;

    public TrafficLog(DataFolder folder, IOptions<TrafficOptions> options, TimeProvider time, ILogger<TrafficLog> logger)
        : base(logger)
    {
        (_files, _options, _time) = (new TrafficFiles(folder.Traffic), options.Value, time);
        _waiting = Channel.CreateBounded<(Guid, TrafficRecord)>(
            new BoundedChannelOptions(_options.MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite },
            _ => Interlocked.Increment(ref _lost)
        );
    }

    /// <summary>Records that could not be kept since the portal began.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Why records are not written just now; null while they are.</summary>
    public string? Problem { get; private set; }

    /// <summary>Notes a request; never waits.</summary>
    public void Note(Guid endpoint, TrafficRecord record) => _waiting.Writer.TryWrite((endpoint, record));

    /// <summary>Writes all that has been noted. Pages call it too, so that they show what was answered a moment ago.</summary>
    public void Write()
    {
        lock (_writing)
        {
            WriteWaiting();
        }
    }

    private void WriteWaiting()
    {
        var batch = new List<(Guid, TrafficRecord)>();
        while (_waiting.Reader.TryRead(out var next))
        {
            batch.Add(next);
        }

        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            _files.Append(batch);
            Problem = null;
        }
        catch (IOException exception)
        {
            Interlocked.Add(ref _lost, batch.Count);
            if (Problem is null)
            {
                Logger.LogError(exception, "Requests are answered, but not recorded");
            }

            Problem = "Requests are answered, but not recorded: the disk of the data folder is full or can't be written.";
        }
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(_options.WriteEvery, _time, stoppingToken);
                Write();
            }
        }
        finally
        {
            Write(); // what came before the portal was told to stop
        }
    }
}
