using UglyToad.PdfPig.Content;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>A letter as it is drawn, on a page that is turned so that its line runs to the right. Lengths are in points.</summary>
/// <param name="Letter">As the reader has it.</param>
/// <param name="Left">Where it begins along its line.</param>
/// <param name="Right">Where it ends.</param>
/// <param name="Base">The height of its line.</param>
/// <param name="Size">Of its font.</param>
/// <param name="Turn">Degrees that its line is turned by against the page, to the next whole one.</param>
internal sealed record PdfSign(Letter Letter, double Left, double Right, double Base, double Size, int Turn)
{
    /// <summary>Fonts whose size isn't told, or is that of a page that is drawn larger.</summary>
    private const double LeastSize = 1;

    public string Text => Letter.Value;

    public static PdfSign Of(Letter letter)
    {
        var turn = Degrees(letter);
        var (sin, cos) = Math.SinCos(turn * Math.PI / 180);
        double Along(UglyToad.PdfPig.Core.PdfPoint point) => (point.X * cos) + (point.Y * sin);
        var (start, end) = (Along(letter.StartBaseLine), Along(letter.EndBaseLine));
        var across = (letter.StartBaseLine.Y * cos) - (letter.StartBaseLine.X * sin);
        return new(letter, Math.Min(start, end), Math.Max(start, end), across, SizeOf(letter), turn);
    }

    /// <summary>Space between two of a line, below zero where they overlap; read from either side.</summary>
    public double GapTo(PdfSign other) => Math.Max(other.Left - Right, Left - other.Right);

    /// <summary>Drawn once more at nearly the same place, as programs do for bold type.</summary>
    public bool IsShadowOf(PdfSign other) =>
        Text == other.Text
        && Turn == other.Turn
        && Math.Abs(Left - other.Left) < ShadowShare * Size
        && Math.Abs(Base - other.Base) < ShadowShare * Size;

    private const double ShadowShare = 0.15;

    private static double SizeOf(Letter letter) => Math.Max(letter.PointSize, Math.Max(LeastSize, Math.Max(letter.BoundingBox.Height, 0)));

    /// <summary>A letter without a width says by its name for the page's turns only how it lies.</summary>
    private static int Degrees(Letter letter)
    {
        var (x, y) = (letter.EndBaseLine.X - letter.StartBaseLine.X, letter.EndBaseLine.Y - letter.StartBaseLine.Y);
        return Math.Abs(x) + Math.Abs(y) > 0.01
            ? (int)Math.Round(Math.Atan2(y, x) * 180 / Math.PI)
            : letter.TextOrientation switch
            {
                TextOrientation.Rotate90 => -90,
                TextOrientation.Rotate180 => 180,
                TextOrientation.Rotate270 => 90,
                _ => 0,
            };
    }
}
