using System.Globalization;
using System.Xml;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>The cells of one row.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Cells">By column, as far as the row goes; null where there is nothing.</param>
internal sealed record SheetRow(long Number, IReadOnlyList<string?> Cells)
{
    public bool IsEmpty => Cells.All(string.IsNullOrEmpty);
}

/// <summary>
/// Reads the rows of a sheet one after the other; rows and cells that don't say where they are stand behind those before them.
/// </summary>
internal sealed class SheetReader(XmlReader xml, IReadOnlyList<string> texts, SheetDates dates)
{
    private const int MostColumns = 16_384;

    public IEnumerable<SheetRow> Rows()
    {
        long number = 0;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "row")
            {
                continue;
            }

            number = long.TryParse(Workbook.Attribute(xml, "r"), CultureInfo.InvariantCulture, out var given) ? given : number + 1;
            yield return new SheetRow(number, xml.IsEmptyElement ? [] : Cells());
        }
    }

    private List<string?> Cells()
    {
        var cells = new List<string?>();
        var depth = xml.Depth;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "c")
            {
                continue;
            }

            var column = Column(Workbook.Attribute(xml, "r")) ?? cells.Count;
            if (column >= MostColumns)
            {
                throw new InvalidDataException("A cell lies behind the last column that a sheet may have.");
            }

            var value = Cell();
            while (cells.Count <= column)
            {
                cells.Add(null);
            }

            cells[column] = value;
        }

        return cells;
    }

    private string? Cell()
    {
        var (kind, style) = (Workbook.Attribute(xml, "t"), Workbook.Attribute(xml, "s"));
        if (xml.IsEmptyElement)
        {
            return null;
        }

        using var cell = xml.ReadSubtree();
        cell.Read();
        string? value = null;
        while (!cell.EOF)
        {
            if (cell.NodeType == XmlNodeType.Element && cell.LocalName == "v")
            {
                value = cell.ReadElementContentAsString();
            }
            else if (cell.NodeType == XmlNodeType.Element && cell.LocalName == "is")
            {
                return Workbook.RichText(cell.ReadSubtree());
            }
            else
            {
                cell.Read();
            }
        }

        return value is null ? null : Text(kind, value, int.TryParse(style, CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    /// <summary>A cell as any language writes it: the workbook's own formats are for the eye.</summary>
    private string Text(string? kind, string value, int style) =>
        kind switch
        {
            "s" => texts[int.Parse(value, CultureInfo.InvariantCulture)],
            "str" or "inlineStr" => Workbook.Unescape(value),
            "b" => value is "1" or "true" ? "true" : "false",
            "d" => DateTime.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
                ? SheetDates.Text(time)
                : value,
            "e" => value,
            _ => double.TryParse(value, CultureInfo.InvariantCulture, out var number) ? dates.Text(number, style) : value,
        };

    /// <summary>The column of a reference such as <c>AB12</c>, counted from 0.</summary>
    private static int? Column(string? reference)
    {
        var column = 0;
        foreach (var letter in reference ?? "")
        {
            if (!char.IsAsciiLetter(letter))
            {
                break;
            }

            column = checked((column * 26) + (char.ToUpperInvariant(letter) - 'A' + 1));
        }

        return column == 0 ? null : column - 1;
    }
}
