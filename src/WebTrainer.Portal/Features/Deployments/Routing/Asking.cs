using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using WebTrainer.Jobs;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Routing;

/// <summary>Who asks, for the record.</summary>
/// <param name="Key">Null where a person asks from a page.</param>
/// <param name="User">Whom the caller names; null for nobody.</param>
public sealed record Asker(Guid? Key, string? User);

/// <summary>Asks what a name leads to, notes what became of it, and lets a shadow answer too.</summary>
public sealed class Asking(
    LiveRoutes routes,
    TrafficLog log,
    TextKeeper texts,
    KeyUse use,
    AnswersMeter answers,
    TimeProvider time,
    ILogger<Asking> logger
) : IDisposable
{
    /// <summary>Shadows that answer at once; requests beyond are left to the live version alone.</summary>
    private const int MostShadows = 4;
    private const int HungUp = 499;
    private readonly SemaphoreSlim _shadows = new(MostShadows);

    /// <summary>The answer as it is made.</summary>
    /// <param name="request">With what the version adds to it.</param>
    public async IAsyncEnumerable<GenerateChunk> AskAsync(
        Target target,
        GenerateRequest request,
        Asker asker,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var meter = new Meter(time.GetUtcNow());
        // Until it has ended somehow, whoever leaves has hung up.
        meter.Status = HungUp;
        try
        {
            await using var chunks = routes.GenerateAsync(target, request, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(chunks, meter))
            {
                meter.Add(chunks.Current);
                yield return chunks.Current;
            }
        }
        finally
        {
            Note(target, request, asker, meter, shadow: false, live: null);
        }

        if (target.Shadow is { } shadow && meter.Status == StatusCodes.Status200OK)
        {
            _ = ShadowAsync(shadow, request, asker, meter.Text);
        }
    }

    public void Dispose() => _shadows.Dispose();

    private static async Task<bool> NextAsync(IAsyncEnumerator<GenerateChunk> chunks, Meter meter)
    {
        try
        {
            return await chunks.MoveNextAsync();
        }
        catch (JobFailedException)
        {
            meter.Status = StatusCodes.Status503ServiceUnavailable;
            throw;
        }
    }

    /// <summary>Nobody waits for it, so it must neither fail aloud nor pile up.</summary>
    private async Task ShadowAsync(Target shadow, GenerateRequest request, Asker asker, string live)
    {
        if (!_shadows.Wait(0))
        {
            return;
        }

        try
        {
            var meter = new Meter(time.GetUtcNow());
            await foreach (var chunk in routes.GenerateAsync(shadow, request with { Id = request.Id + "-shadow" }, CancellationToken.None))
            {
                meter.Add(chunk);
            }

            Note(shadow, request, asker, meter, shadow: true, live);
        }
        catch (JobFailedException exception)
        {
            logger.LogWarning("The shadow of {Endpoint} did not answer: {Why}", shadow.Name, exception.Message);
        }
        finally
        {
            _shadows.Release();
        }
    }

    private void Note(Target target, GenerateRequest request, Asker asker, Meter meter, bool shadow, string? live)
    {
        if (asker.Key is { } key && !shadow)
        {
            use.Note(key, meter.PromptTokens + meter.CompletionTokens);
        }

        answers.Answered(meter.Status, shadow, meter.PromptTokens, meter.CompletionTokens, meter.Elapsed, meter.First);
        if (target is not { Deployment: { } deployment, Version: { } version })
        {
            return;
        }

        var question = QuestionOf(request);
        var isLabel = meter.Confidence is not null || target.Settings?.Chosen.Labels.Contains(meter.Text) == true;
        var record = new TrafficRecord
        {
            Id = shadow ? request.Id + "-shadow" : request.Id,
            At = meter.Began,
            Version = version.Id,
            Key = asker.Key,
            User = asker.User is { Length: > MaxUserLength } user ? user[..MaxUserLength] : asker.User,
            Status = meter.Status,
            Finish = meter.Finish,
            PromptTokens = meter.PromptTokens,
            CompletionTokens = meter.CompletionTokens,
            FirstTokenMilliseconds = meter.First.TotalMilliseconds,
            TotalMilliseconds = meter.Elapsed.TotalMilliseconds,
            Label = isLabel ? meter.Text : null,
            Confidence = meter.Confidence,
            PromptWords = question.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length,
            AnswerCharacters = meter.Text.Length,
            Shadow = shadow,
            SameAsLive = live is null ? null : live == meter.Text,
        };
        if (deployment.ContentDays is null)
        {
            log.Note(deployment.Id, record);
        }
        else
        {
            texts.Note(deployment.Id, record, question, meter.Text);
        }
    }

    /// <summary>Characters of whom a caller names.</summary>
    private const int MaxUserLength = 64;

    private static string QuestionOf(GenerateRequest request) =>
        request.Messages is [.., var last] ? last.Content
        : request.Texts is [var first, ..] ? first.Text
        : request.Prompt ?? "";

    /// <summary>What is measured of one answer.</summary>
    private sealed class Meter(DateTimeOffset began)
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private readonly StringBuilder _text = new();
        private TimeSpan? _first;

        public DateTimeOffset Began => began;
        public int Status { get; set; } = StatusCodes.Status200OK;
        public string Finish { get; private set; } = "cancelled";
        public int PromptTokens { get; private set; }
        public int CompletionTokens { get; private set; }
        public double? Confidence { get; private set; }
        public TimeSpan Elapsed { get; private set; }
        public TimeSpan First => _first ?? Elapsed;
        public string Text => _text.ToString();

        public void Add(GenerateChunk chunk)
        {
            Elapsed = Stopwatch.GetElapsedTime(_started);
            if (chunk.Index == 0)
            {
                _text.Append(chunk.Text); // of several answers the first stands for all
            }

            if (chunk.Text.Length > 0 || chunk.FinishReason is not null)
            {
                _first ??= Elapsed;
            }

            if (chunk.FinishReason is not { } finish)
            {
                return;
            }

            Finish = finish;
            Status =
                chunk.Error is null ? StatusCodes.Status200OK
                : chunk.Fault is null ? StatusCodes.Status500InternalServerError
                : StatusCodes.Status400BadRequest;
            (PromptTokens, CompletionTokens) = (chunk.PromptTokens ?? 0, chunk.CompletionTokens ?? 0);
            if (chunk.Classified is [var first, ..])
            {
                CompletionTokens = 0;
                Confidence = first.Places.Count > 0 ? first.Probabilities[0] : null;
                if (_text.Length == 0)
                {
                    _text.Append(first.Answer);
                }
            }
        }
    }
}
