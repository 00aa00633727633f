using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>
/// What a worker does by specs of one type. A class of this library that implements it and is made from a <see cref="JobContext{TSpec}"/>
/// is the job of that spec's kind.
/// </summary>
public interface IJob
{
    /// <summary>Does it; what is found stands in the run folder.</summary>
    /// <returns>Completed, or Stopped where that was asked for.</returns>
    /// <exception cref="ModelFileException">A model can't be used.</exception>
    /// <exception cref="Batching.DataException">The data can't be used.</exception>
    WorkerState Run(CancellationToken cancellationToken);
}
