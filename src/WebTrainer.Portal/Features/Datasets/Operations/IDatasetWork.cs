using WebTrainer.Domain.Datasets;

namespace WebTrainer.Portal.Features.Datasets.Operations;

/// <summary>Does what a job of its kinds asks for.</summary>
public interface IDatasetWork
{
    IReadOnlyCollection<DataJobKind> Kinds { get; }

    /// <summary>Ends the job in the transaction that records its result (<see cref="DatasetOperation.Id"/>).</summary>
    Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken);
}
