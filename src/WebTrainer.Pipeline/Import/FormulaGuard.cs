namespace WebTrainer.Pipeline.Import;

/// <summary>Keeps spreadsheets from running a cell as a formula: an apostrophe before the sign (OWASP, CSV injection).</summary>
/// <remarks>A cell that begins with an apostrophe gets one too, so that taking it off gives every original back.</remarks>
public static class FormulaGuard
{
    private const char Guard = '\'';
    private const string Guarded = "=+-@\t\r'";

    /// <summary>A cell that no spreadsheet runs.</summary>
    public static string Add(string cell) => cell.Length > 0 && Guarded.Contains(cell[0], StringComparison.Ordinal) ? Guard + cell : cell;

    /// <summary>The cell as it was.</summary>
    public static string Remove(string cell) =>
        cell.Length > 1 && cell[0] == Guard && Guarded.Contains(cell[1], StringComparison.Ordinal) ? cell[1..] : cell;
}
