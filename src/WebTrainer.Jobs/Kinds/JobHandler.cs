using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Kinds;

/// <summary>Why a job can't go on, and what to do about it; both are shown to its owner.</summary>
internal sealed record JobRefusal(string Cause, string Advice);

/// <summary>What the queue does of its own for one kind of job; by default nothing.</summary>
/// <param name="kind">Name of the kind, as <see cref="Job.Kind"/> has it.</param>
internal abstract class JobHandler(string kind)
{
    public string Kind => kind;

    /// <summary>The worker's stages are the job's progress; false where its steps are.</summary>
    public virtual bool StagesAreProgress => true;

    /// <summary>Its worker can end at a step with a checkpoint and go on from there, so that its device goes to short work
    /// meanwhile.</summary>
    public virtual bool CanYield => false;

    /// <summary>Somebody mostly waits for it: it counts as short work where nothing is known of how long it takes.</summary>
    public virtual bool IsUsuallyShort => false;

    /// <summary>Whether a waiting job may start.</summary>
    /// <returns>Null where it may.</returns>
    public virtual Task<JobRefusal?> WhyNotAsync(AppDb db, Job job, RunFolder folder, CancellationToken cancellationToken) =>
        Task.FromResult<JobRefusal?>(null);

    /// <summary>What to do with a job whose worker is gone.</summary>
    public virtual Task<string> AdviseAsync(AppDb db, Job job, CancellationToken cancellationToken) =>
        Task.FromResult("It keeps nothing to go on from: start it anew.");

    /// <summary>Takes what a completed job left in its folder into the database, which the caller saves.</summary>
    /// <returns>Why it is of no use; null where it is.</returns>
    public virtual Task<JobRefusal?> FinishAsync(AppDb db, Job job, RunFolder folder, CancellationToken cancellationToken) =>
        Task.FromResult<JobRefusal?>(null);
}

/// <summary>The handler of the kind whose spec is <typeparamref name="TSpec"/>.</summary>
internal abstract class JobHandler<TSpec>() : JobHandler(JobKind.Of<TSpec>().Name)
    where TSpec : JobSpec;
