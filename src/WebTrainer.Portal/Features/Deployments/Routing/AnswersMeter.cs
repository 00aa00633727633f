using System.Diagnostics.Metrics;

namespace WebTrainer.Portal.Features.Deployments.Routing;

/// <summary>The instruments of the meter <c>WebTrainer.Answers</c>: what models were asked and how it went.</summary>
public sealed class AnswersMeter : IDisposable
{
    public const string Name = "WebTrainer.Answers";

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;

    public AnswersMeter(IMeterFactory factory)
    {
        _meter = factory.Create(Name);
        _requests = _meter.CreateCounter<long>(
            "webtrainer.answers",
            "{request}",
            "Requests that models answered or failed, by status of HTTP."
        );
        _tokens = _meter.CreateCounter<long>("webtrainer.answers.tokens", "{token}", "Tokens read (prompt) and written (completion).");
        _duration = _meter.CreateHistogram<double>("webtrainer.answers.duration", "s", "Time to the end of an answer.");
        _firstToken = _meter.CreateHistogram<double>("webtrainer.answers.first_token", "s", "Time to the first token.");
    }

    /// <param name="status">Of HTTP; 499 where the caller hung up.</param>
    /// <param name="shadow">The caller never saw the answer.</param>
    public void Answered(int status, bool shadow, int promptTokens, int completionTokens, TimeSpan elapsed, TimeSpan first)
    {
        KeyValuePair<string, object?> seen = new("shadow", shadow);
        _requests.Add(1, new("status", status), seen);
        _tokens.Add(promptTokens, new("type", "prompt"), seen);
        _tokens.Add(completionTokens, new("type", "completion"), seen);
        if (status == StatusCodes.Status200OK)
        {
            _duration.Record(elapsed.TotalSeconds, seen);
            _firstToken.Record(first.TotalSeconds, seen);
        }
    }

    public void Dispose() => _meter.Dispose();
}
