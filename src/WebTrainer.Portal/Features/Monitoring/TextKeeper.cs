using System.Threading.Channels;
using WebTrainer.Pipeline.Cleaning.Finders;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>Masks personal data in texts that a lead wants kept, beside all requests, before anything of them is written.</summary>
public sealed class TextKeeper(TrafficLog log, TextMask mask, ILogger<TextKeeper> logger) : SteadyService(logger)
{
    /// <summary>Texts that wait to be masked at most; requests beyond are recorded without their texts.</summary>
    private const int MostWaiting = 10_000;

    private readonly Channel<(Guid Endpoint, TrafficRecord Record, string Prompt, string Answer)> _waiting = Channel.CreateBounded<(
        Guid,
        TrafficRecord,
        string,
        string
    )>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    /// <summary>Notes a request with its texts; never waits.</summary>
    public void Note(Guid endpoint, TrafficRecord record, string prompt, string answer)
    {
        if (!_waiting.Writer.TryWrite((endpoint, record, prompt, answer)))
        {
            log.Note(endpoint, record);
        }
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        await foreach (var (endpoint, record, prompt, answer) in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            log.Note(endpoint, record with { Prompt = mask.Of(prompt), Answer = mask.Of(answer) });
        }
    }
}
