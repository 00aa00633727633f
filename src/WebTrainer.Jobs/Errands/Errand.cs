using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>How many errands of some kinds are done at once; more wait.</summary>
/// <param name="Count">By the server's options.</param>
internal sealed record ErrandPlaces(Func<JobsOptions, int> Count)
{
    /// <summary>Of errands that load a model for a moment.</summary>
    public static ErrandPlaces Models { get; } = new(options => options.ConcurrentChecks);
}

/// <summary>A job for whose result somebody waits.</summary>
/// <typeparam name="TResult">What it finds.</typeparam>
/// <param name="Spec">What its worker is asked to do.</param>
public abstract record Errand<TResult>(JobSpec Spec)
{
    /// <summary>Told how far the worker says it is.</summary>
    public IProgress<ProgressEvent>? Progress { get; init; }

    /// <summary>What to try where it takes too long.</summary>
    internal virtual string Advice => "The model may be too large for this machine.";

    internal virtual ErrandPlaces Places => ErrandPlaces.Models;

    /// <summary>Of errands with the same turn, one is done at a time; null where it shares its places with all.</summary>
    internal virtual object? Turn => null;

    /// <summary>The folder stays: the result is in it, and deletes it.</summary>
    internal virtual bool LeavesFolder => false;

    /// <summary>It is given up after this long.</summary>
    internal abstract TimeSpan Limit(JobsOptions options);

    /// <summary>What must be there when the worker has ended.</summary>
    internal abstract string ResultIn(RunFolder folder);

    /// <summary>Puts what the worker needs beside the spec.</summary>
    internal virtual void Prepare(RunFolder folder) { }

    /// <summary>Takes the result out of the folder.</summary>
    internal virtual TResult Take(RunFolder folder)
    {
        using var stream = File.OpenRead(ResultIn(folder));
        return JsonSerializer.Deserialize<TResult>(stream, ProtocolJson.Document)
            ?? throw new JobFailedException("The worker left an empty result.");
    }
}
