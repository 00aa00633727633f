using CsvHelper;
using WebTrainer.Pipeline.Import;

namespace WebTrainer.Pipeline.Export;

/// <summary>Rows as CSV (RFC 4180) with guarded formulas.</summary>
internal static class CsvExport
{
    public static async Task<long> WriteAsync(IAsyncEnumerable<CanonicalRow> rows, Stream target, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(target, CsvWriterOptions.Default, leaveOpen: true);
        await WriteRecordAsync(csv, CsvColumns.All, cancellationToken);
        long count = 0;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            await WriteRecordAsync(csv, [row.Id, row.Split?.ToName(), row.System, row.Prompt, row.Response, row.Label], cancellationToken);
            count++;
        }

        return count;
    }

    private static async ValueTask WriteRecordAsync(CsvWriter csv, IEnumerable<string?> cells, CancellationToken cancellationToken)
    {
        foreach (var cell in cells) csv.WriteField(FormulaGuard.Add(cell ?? ""));
        await csv.EndRecordAsync(cancellationToken);
    }
}
