using System.Runtime.ExceptionServices;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Batching;

/// <summary>Encodes all rows of a run.</summary>
internal static class RowEncoding
{
    private const int AtOnce = 2;

    /// <param name="rows">Encoded two at a time.</param>
    /// <param name="encode">One row; called from several threads.</param>
    /// <param name="cancellationToken">Looked at between rows.</param>
    /// <returns>In the order of the rows.</returns>
    /// <exception cref="DataException">A row can't be encoded; the message names it, the first where several can't.</exception>
    public static List<TokenRow> All(
        IReadOnlyCollection<DatasetRow> rows,
        Func<DatasetRow, IEnumerable<TokenRow>> encode,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return
            [
                .. rows.AsParallel()
                    .AsOrdered()
                    .WithDegreeOfParallelism(AtOnce)
                    .WithCancellation(cancellationToken)
                    .Select(row => Named(row, encode))
                    .SelectMany(encoded => encoded),
            ];
        }
        catch (AggregateException several)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Several threads meet whichever faulty row comes by: people are told the first, at each try the same.
            foreach (var row in rows)
            {
                Named(row, encode);
            }

            ExceptionDispatchInfo.Throw(RootCause.Of(several));
            throw;
        }
    }

    private static List<TokenRow> Named(DatasetRow row, Func<DatasetRow, IEnumerable<TokenRow>> encode)
    {
        try
        {
            return [.. encode(row)];
        }
        catch (DataException exception) when (!exception.Message.Contains(row.Id, StringComparison.Ordinal))
        {
            throw new DataException($"Row {row.Id}: {exception.Message}", exception);
        }
    }
}
