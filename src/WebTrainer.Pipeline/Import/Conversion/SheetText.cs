using System.Text;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// One sheet of an XLSX workbook as a table: a line a row, so that what is said of a line is said of that row of the sheet.
/// </summary>
internal static class SheetText
{
    /// <param name="sheet">Name of the sheet; null for the first that is shown and holds something.</param>
    public static async Task<SourceFile> ConvertAsync(
        SourceFile file,
        string target,
        string? sheet,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        using var workbook = Bounds.Read(file.Name, "workbook", () => Workbook.Open(file.Path));
        var chosen = Choose(workbook, file, sheet);
        var width = Bounds.Read(file.Name, "workbook", () => workbook.Rows(chosen).Max(Width));
        if (width > limits.MaxColumns)
        {
            throw new DataProblemException($"'{file.Name}' has more than {limits.MaxColumns:N0} columns.");
        }

        await using var writer = new StreamWriter(
            new FileStream(target, FileMode.CreateNew),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
        )
        {
            NewLine = "\n",
        };
        using var rows = workbook.Rows(chosen).Where(row => !row.IsEmpty).GetEnumerator();
        for (long line = 1; Bounds.Read(file.Name, "workbook", rows.MoveNext); line++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (; line < rows.Current.Number; line++)
            {
                await writer.WriteLineAsync();
            }

            await writer.WriteLineAsync(
                string.Join(',', Enumerable.Range(0, width).Select(column => Cell(rows.Current.Cells.ElementAtOrDefault(column))))
            );
        }

        return new SourceFile(target, file.Name);
    }

    /// <summary>The sheets of a workbook; none where the file is something else.</summary>
    public static IReadOnlyList<SheetName> Names(SourceFile file) =>
        Bounds.Read(
            file.Name,
            "workbook",
            () =>
            {
                using var workbook = Workbook.Open(file.Path);
                return workbook.Sheets;
            }
        );

    private static SheetName Choose(Workbook workbook, SourceFile file, string? name)
    {
        var asked = name is null
            ? workbook
                .Sheets.OrderBy(s => s.IsHidden)
                .FirstOrDefault(s => Bounds.Read(file.Name, "workbook", () => workbook.Rows(s).Any(row => !row.IsEmpty)))
            : workbook.Sheets.FirstOrDefault(s => s.Name == name)
                ?? throw new DataProblemException($"'{file.Name}' has no sheet '{name}'. It has {Words(workbook)}.");
        if (asked is null)
        {
            throw new DataProblemException($"'{file.Name}' has no rows: {Words(workbook)} hold nothing.");
        }

        return Bounds.Read(file.Name, "workbook", () => workbook.Rows(asked).Any(row => !row.IsEmpty))
            ? asked
            : throw new DataProblemException($"The sheet '{asked.Name}' of '{file.Name}' is empty. It has {Words(workbook)}.");
    }

    private static string Words(Workbook workbook) =>
        "the sheets " + string.Join(", ", workbook.Sheets.Select(s => s.IsHidden ? $"'{s.Name}' (hidden)" : $"'{s.Name}'"));

    private static int Width(SheetRow row)
    {
        var width = row.Cells.Count;
        while (width > 0 && string.IsNullOrEmpty(row.Cells[width - 1]))
        {
            width--;
        }

        return width;
    }

    // Always in quotes, so that a text that begins like JSON makes no other file of it.
    private static string Cell(string? value) =>
        string.IsNullOrEmpty(value) ? "" : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
