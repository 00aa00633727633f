using System.Runtime.InteropServices;

namespace WebTrainer.Pipeline.Traffic;

/// <summary>What is summed apart.</summary>
/// <param name="Hour">Its beginning, of UTC.</param>
/// <param name="Version">That answered.</param>
/// <param name="Shadow">Nobody was sent the answers.</param>
/// <param name="Status">Of HTTP.</param>
public readonly record struct TrafficKey(DateTimeOffset Hour, Guid Version, bool Shadow, int Status);

/// <summary>What one caller used.</summary>
/// <param name="Milliseconds">That models were busy for it.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CallerSums(long Requests, long Tokens, double Milliseconds)
{
    /// <summary>Both together.</summary>
    public static CallerSums operator +(CallerSums one, CallerSums other) =>
        new(one.Requests + other.Requests, one.Tokens + other.Tokens, one.Milliseconds + other.Milliseconds);
}

/// <summary>Sums over requests; any two can be added.</summary>
public sealed class TrafficSums
{
    /// <summary>Requests.</summary>
    public long Requests { get; internal set; }

    /// <summary>Tokens read.</summary>
    public long PromptTokens { get; internal set; }

    /// <summary>Tokens written.</summary>
    public long CompletionTokens { get; internal set; }

    /// <summary>Milliseconds that models were busy with them, the requests' own added up.</summary>
    public double BusyMilliseconds { get; internal set; }

    /// <summary>Shadow's answers that were held against the live ones.</summary>
    public long Compared { get; internal set; }

    /// <summary>Of those, the same to the letter.</summary>
    public long Same { get; internal set; }

    /// <summary>Milliseconds to the first token.</summary>
    public LogHistogram FirstToken { get; internal set; } = new();

    /// <summary>Milliseconds to the end.</summary>
    public LogHistogram Total { get; internal set; } = new();

    /// <summary>Milliseconds from token to token.</summary>
    public LogHistogram NextToken { get; internal set; } = new();

    /// <summary>Words of the last message.</summary>
    public LogHistogram PromptWords { get; internal set; } = new();

    /// <summary>Probability of the answer, in percent.</summary>
    public LogHistogram Confidence { get; internal set; } = new();

    /// <summary>Callers that are summed apart; what more there are is summed under <see cref="OtherCallers"/>.</summary>
    public const int MostCallers = 200;

    /// <summary>Stands for callers beyond <see cref="MostCallers"/>; no caller names itself so, for names are trimmed.</summary>
    public const string OtherCallers = " ";

    /// <summary>By whom the caller named as its user; empty for those who named nobody.</summary>
    public Dictionary<string, CallerSums> Callers { get; internal set; } = new(StringComparer.Ordinal);

    /// <summary>Answers of a closed set.</summary>
    public Dictionary<string, long> Labels { get; internal set; } = new(StringComparer.Ordinal);

    /// <summary>Adds a request.</summary>
    public void Add(TrafficRecord record)
    {
        Requests++;
        PromptTokens += record.PromptTokens;
        CompletionTokens += record.CompletionTokens;
        BusyMilliseconds += record.TotalMilliseconds;
        FirstToken.Add(record.FirstTokenMilliseconds);
        Total.Add(record.TotalMilliseconds);
        PromptWords.Add(record.PromptWords);
        if (record.TokenMilliseconds is { } next)
        {
            NextToken.Add(next);
        }

        if (record.Confidence is { } confidence)
        {
            Confidence.Add(100 * confidence);
        }

        if (record.Label is { } label)
        {
            Labels[label] = Labels.GetValueOrDefault(label) + 1;
        }

        Add(record.User?.Trim() ?? "", new CallerSums(1, record.PromptTokens + record.CompletionTokens, record.TotalMilliseconds));
        if (record.SameAsLive is { } same)
        {
            Compared++;
            Same += same ? 1 : 0;
        }
    }

    /// <summary>Adds all of other sums.</summary>
    public void Add(TrafficSums other)
    {
        Requests += other.Requests;
        PromptTokens += other.PromptTokens;
        CompletionTokens += other.CompletionTokens;
        BusyMilliseconds += other.BusyMilliseconds;
        Compared += other.Compared;
        Same += other.Same;
        FirstToken.Add(other.FirstToken);
        Total.Add(other.Total);
        NextToken.Add(other.NextToken);
        PromptWords.Add(other.PromptWords);
        Confidence.Add(other.Confidence);
        foreach (var (label, count) in other.Labels)
        {
            Labels[label] = Labels.GetValueOrDefault(label) + count;
        }

        foreach (var (caller, used) in other.Callers)
        {
            Add(caller, used);
        }
    }

    private void Add(string caller, CallerSums used)
    {
        var name = Callers.ContainsKey(caller) || Callers.Count < MostCallers ? caller : OtherCallers;
        Callers[name] = Callers.GetValueOrDefault(name) + used;
    }

    /// <summary>Sums of all.</summary>
    public static TrafficSums Of(IEnumerable<TrafficSums> parts)
    {
        var sums = new TrafficSums();
        foreach (var part in parts)
        {
            sums.Add(part);
        }

        return sums;
    }
}
