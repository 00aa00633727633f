using System.Globalization;
using MiniExcelLibs;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>The first sheet of an XLSX workbook; its first row names the columns.</summary>
internal static class SheetText
{
    public static async Task<SourceFile> ConvertAsync(SourceFile file, string target, ImportLimits limits, CancellationToken cancellationToken)
    {
        await using var writer = JsonLinesFile.Create(target);
        await using var stream = File.OpenRead(file.Path);
        using var rows = Bounds.Read(file.Name, "workbook", () => stream.Query(useHeaderRow: true, excelType: ExcelType.XLSX).GetEnumerator());
        while (Bounds.Read(file.Name, "workbook", rows.MoveNext))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = (IDictionary<string, object?>)rows.Current;
            if (row.Count > limits.MaxColumns) throw new DataProblemException($"'{file.Name}' has more than {limits.MaxColumns:N0} columns.");
            if (row.Values.All(v => v is null or "")) continue;
            await writer.WriteAsync(row.ToDictionary(c => c.Key, c => Text(c.Value)));
        }

        return new SourceFile(target, file.Name);
    }

    /// <summary>A cell as any language writes it: the workbook's own formats are for the eye.</summary>
    private static string? Text(object? cell) => cell switch
    {
        null => null,
        DateTime time => time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString(),
    };
}
