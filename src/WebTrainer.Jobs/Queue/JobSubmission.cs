using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Watching;

namespace WebTrainer.Jobs.Queue;

/// <summary>The one way of a job into the queue: its folder first, then the database, then the dispatcher.</summary>
public sealed class JobSubmission(RunFolders folders, JobQueue queue)
{
    /// <param name="spec">To the letter: its hash is compared again before the job starts.</param>
    /// <param name="saveAsync">Commits the job with what belongs to it.</param>
    /// <exception cref="IOException">The disk is full or the data folder can't be written; nothing was committed.</exception>
    public async Task SubmitAsync(Job job, string spec, Func<Task> saveAsync)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(saveAsync);
        var folder = folders.Create(job.Id, spec);
        try
        {
            JobTraces.Asked(folder);
            await saveAsync();
        }
        catch
        {
            Directory.Delete(folder.Root, recursive: true); // somebody else was first, or it is refused: this job will never be
            throw;
        }

        queue.Enqueued(job);
    }
}
