using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Pipeline.Import;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Tables for spreadsheets (RFC 4180), the same whatever the server's language: UTF-8 with a mark, without which Excel reads another
/// encoding; each text in quotes, and what a spreadsheet would take for a formula made text.
/// </summary>
public static class CsvFile
{
    public const string ContentType = "text/csv; charset=utf-8";

    private const NumberStyles Number = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true);

    public static string Line(IEnumerable<string?> cells) => string.Join(',', cells.Select(Cell));

    /// <summary>As a download.</summary>
    public static FileContentHttpResult Of(IEnumerable<IEnumerable<string?>> rows, string name) =>
        TypedResults.File(
            [.. Encoding.GetPreamble(), .. Encoding.GetBytes(string.Join('\n', rows.Select(Line)) + "\n")],
            ContentType,
            name
        );

    private static string Cell(string? text)
    {
        var value = text ?? "";
        return double.TryParse(value, Number, CultureInfo.InvariantCulture, out _)
            ? value
            : $"\"{FormulaGuard.Add(value).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
