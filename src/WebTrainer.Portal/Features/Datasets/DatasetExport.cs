using System.Globalization;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Export;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>A version on its way out, in a format of other programs.</summary>
public sealed class DatasetExport(DatasetVersion version, ExportFormat format, DataSplit? split, string path, DatasetExporter exporter)
{
    /// <summary>For people; whoever sends it encodes it.</summary>
    public string FileName { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{version.Dataset!.Name} v{version.Number}{(split is { } s ? " " + s.ToName() : "")}.{(format == ExportFormat.Csv ? "csv" : "jsonl")}");

    public string ContentType { get; } = format == ExportFormat.Csv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";

    public Task WriteAsync(Stream target, CancellationToken ct) => exporter.ExportAsync(path, format, target, split, ct);
}
