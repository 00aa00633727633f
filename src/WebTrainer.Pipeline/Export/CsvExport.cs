using System.Globalization;
using System.Text;
using CsvHelper;
using WebTrainer.Pipeline.Import;

namespace WebTrainer.Pipeline.Export;

/// <summary>Rows as CSV (RFC 4180) with guarded formulas.</summary>
internal static class CsvExport
{
    /// <param name="extra">Names of the rows' own columns, which stand behind the others.</param>
    public static async Task<long> WriteAsync(
        IAsyncEnumerable<CanonicalRow> rows,
        IReadOnlyList<string> extra,
        Stream target,
        CancellationToken cancellationToken
    )
    {
        var own = CsvColumns.Own(extra, CsvColumns.All);
        await using var csv = await BeginAsync(target, cancellationToken);
        await WriteRecordAsync(csv, [.. CsvColumns.All, .. own], cancellationToken);
        long count = 0;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            await WriteRecordAsync(csv, [.. Cells(row), .. own.Select(row.Extra.GetValueOrDefault)], cancellationToken);
            count++;
        }

        return count;
    }

    /// <summary>As above, with where each row came from.</summary>
    public static async Task<long> WriteAsync(
        IAsyncEnumerable<(CanonicalRow Row, RowOrigin Origin)> rows,
        IReadOnlyList<string> extra,
        Stream target,
        CancellationToken cancellationToken
    )
    {
        var own = CsvColumns.Own(extra, CsvColumns.WithOrigin);
        await using var csv = await BeginAsync(target, cancellationToken);
        await WriteRecordAsync(csv, [.. CsvColumns.WithOrigin, .. own], cancellationToken);
        long count = 0;
        await foreach (var (row, origin) in rows.WithCancellation(cancellationToken))
        {
            await WriteRecordAsync(csv, [.. Cells(row), .. Cells(origin), .. own.Select(row.Extra.GetValueOrDefault)], cancellationToken);
            count++;
        }

        return count;
    }

    private static string?[] Cells(CanonicalRow row) => [row.Id, row.Split?.ToName(), row.System, row.Prompt, row.Response, row.Label];

    private static string?[] Cells(RowOrigin origin) =>
        [
            origin.File,
            origin.FileSha256,
            origin.Line == 0 ? null : origin.Line.ToString(CultureInfo.InvariantCulture),
            origin.Version,
            origin.IsSetAside ? "true" : "false",
            origin.Step,
            origin.Reason,
            origin.Twin,
        ];

    // With a mark: without it Excel reads UTF-8 as another encoding.
    private static async Task<CsvWriter> BeginAsync(Stream target, CancellationToken cancellationToken)
    {
        await target.WriteAsync(Encoding.UTF8.GetPreamble(), cancellationToken);
        return CsvWriter.Create(target, CsvWriterOptions.Default, leaveOpen: true);
    }

    private static async ValueTask WriteRecordAsync(CsvWriter csv, IEnumerable<string?> cells, CancellationToken cancellationToken)
    {
        foreach (var cell in cells)
        {
            csv.WriteField(FormulaGuard.Add(cell ?? ""));
        }

        await csv.EndRecordAsync(cancellationToken);
    }
}
