using System.Globalization;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Export;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>A version on its way out, in a format of other programs.</summary>
/// <param name="origins">From which the origin of each row is told; null where nobody asked.</param>
public sealed class DatasetExport(
    DatasetVersion version,
    ExportFormat format,
    DataSplit? split,
    string path,
    VersionOrigins? origins,
    DatasetExporter exporter
)
{
    /// <summary>For people; whoever sends it encodes it.</summary>
    public string FileName { get; } =
        string.Create(
            CultureInfo.InvariantCulture,
            $"{version.Dataset!.Name} v{version.Number}{(split is { } s ? " " + s.ToName() : "")}{(origins is null ? "" : " with origins")}.{Ending(format)}"
        );

    public string ContentType { get; } =
        format switch
        {
            ExportFormat.Csv => "text/csv; charset=utf-8",
            ExportFormat.Parquet => "application/vnd.apache.parquet",
            _ => "application/jsonl; charset=utf-8",
        };

    public Task WriteAsync(Stream target, CancellationToken cancellationToken) =>
        origins is null
            ? exporter.ExportAsync(path, format, target, split, cancellationToken)
            : exporter.ExportAsync(path, format, origins, target, split, cancellationToken);

    private static string Ending(ExportFormat format) =>
        format switch
        {
            ExportFormat.Csv => "csv",
            ExportFormat.Parquet => "parquet",
            _ => "jsonl",
        };
}
