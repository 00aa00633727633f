using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>A sheet of a workbook.</summary>
/// <param name="IsHidden">Whether programs don't show it.</param>
public sealed record SheetName(string Name, bool IsHidden);

/// <summary>The sheets of an XLSX workbook, whichever program wrote it and under which names its parts lie.</summary>
internal sealed partial class Workbook : IDisposable
{
    private static readonly XmlReaderSettings s_xml = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CloseInput = true,
    };
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _parts;
    private readonly List<(SheetName Sheet, string Part)> _sheets = [];
    private string _sharedTexts = "",
        _styles = "";

    private Workbook(ZipArchive archive)
    {
        _archive = archive;
        _parts = archive
            .Entries.GroupBy(e => Plain(e.FullName), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.Last(), StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<SheetName> Sheets => [.. _sheets.Select(s => s.Sheet)];

    /// <summary>Whether an archive is a workbook of this kind.</summary>
    public static bool Is(ZipArchive archive) => archive.Entries.Any(e => Main().IsMatch(Plain(e.FullName)));

    /// <exception cref="XmlException">A part is no XML.</exception>
    /// <exception cref="InvalidDataException">The file is no archive, or a part is missing.</exception>
    public static Workbook Open(string path)
    {
        var workbook = new Workbook(ZipFile.OpenRead(path));
        try
        {
            workbook.ReadParts();
            return workbook;
        }
        catch
        {
            workbook.Dispose();
            throw;
        }
    }

    public void Dispose() => _archive.Dispose();

    /// <summary>The cells of a sheet, row by row.</summary>
    public IEnumerable<SheetRow> Rows(SheetName sheet)
    {
        var part = _sheets.First(s => s.Sheet == sheet).Part;
        using var xml = Part(part);
        foreach (var row in new SheetReader(xml, Texts(), Dates()).Rows())
        {
            yield return row;
        }
    }

    private bool CountsFrom1904 { get; set; }

    private void ReadParts()
    {
        var main = _parts.Keys.First(name => Main().IsMatch(name));
        var folder = main.Contains('/', StringComparison.Ordinal) ? main[..main.LastIndexOf('/')] + "/" : "";
        var targets = Targets(folder, folder + "_rels/" + main[folder.Length..] + ".rels");
        _sharedTexts =
            targets.Values.FirstOrDefault(t => t.EndsWith("sharedStrings.xml", StringComparison.OrdinalIgnoreCase))
            ?? folder + "sharedStrings.xml";
        _styles = targets.Values.FirstOrDefault(t => t.EndsWith("styles.xml", StringComparison.OrdinalIgnoreCase)) ?? folder + "styles.xml";
        using var xml = Part(main);
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            if (xml.LocalName == "workbookPr")
            {
                CountsFrom1904 = Attribute(xml, "date1904") is "1" or "true";
            }

            if (xml.LocalName == "sheet")
            {
                Add(xml, folder, targets);
            }
        }
    }

    private void Add(XmlReader xml, string folder, Dictionary<string, string> targets)
    {
        var part = targets.GetValueOrDefault(Attribute(xml, "id") ?? "") ?? $"{folder}worksheets/sheet{_sheets.Count + 1}.xml";
        // Sheets of charts have no cells.
        if (!_parts.ContainsKey(part) || part.Contains("chartsheets", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        _sheets.Add(
            (
                new SheetName(Attribute(xml, "name") ?? $"Sheet{_sheets.Count + 1}", Attribute(xml, "state") is "hidden" or "veryHidden"),
                part
            )
        );
    }

    /// <summary>Which part each relation of the workbook leads to.</summary>
    private Dictionary<string, string> Targets(string folder, string relations)
    {
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!_parts.ContainsKey(relations))
        {
            return targets;
        }

        using var xml = Part(relations);
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "Relationship")
            {
                continue;
            }

            var target = Plain(Attribute(xml, "Target") ?? "");
            targets[Attribute(xml, "Id") ?? ""] = target.StartsWith('/') ? target[1..] : folder + target;
        }

        return targets;
    }

    private List<string> Texts()
    {
        var texts = new List<string>();
        if (!_parts.ContainsKey(_sharedTexts))
        {
            return texts;
        }

        using var xml = Part(_sharedTexts);
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "si")
            {
                texts.Add(RichText(xml.ReadSubtree()));
            }
        }

        return texts;
    }

    private SheetDates Dates()
    {
        if (!_parts.ContainsKey(_styles))
        {
            return new SheetDates([], CountsFrom1904);
        }

        using var xml = Part(_styles);
        return SheetDates.Read(xml, CountsFrom1904);
    }

    private XmlReader Part(string name) =>
        _parts.TryGetValue(name, out var part)
            ? XmlReader.Create(part.Open(), s_xml)
            : throw new InvalidDataException($"The workbook has no part '{name}'.");

    /// <summary>Text in pieces of different looks, without what is written above it to say how it is read.</summary>
    internal static string RichText(XmlReader xml)
    {
        var text = new StringBuilder();
        xml.Read();
        while (!xml.EOF)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "rPh")
            {
                xml.Skip();
            }
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "t")
            {
                text.Append(xml.ReadElementContentAsString());
            }
            else
            {
                xml.Read();
            }
        }

        return Unescape(text.ToString());
    }

    /// <summary>Signs that XML can't hold, as <c>_x000D_</c>.</summary>
    internal static string Unescape(string text) =>
        text.Contains("_x", StringComparison.Ordinal)
            ? Escape().Replace(text, match => ((char)Convert.ToInt32(match.Groups["code"].Value, 16)).ToString())
            : text;

    internal static string? Attribute(XmlReader xml, string name)
    {
        for (var more = xml.MoveToFirstAttribute(); more; more = xml.MoveToNextAttribute())
        {
            if (xml.LocalName != name)
            {
                continue;
            }

            var value = xml.Value;
            xml.MoveToElement();
            return value;
        }

        xml.MoveToElement();
        return null;
    }

    private static string Plain(string name) => name.Replace('\\', '/');

    [GeneratedRegex(
        @"(^|/)workbook\d*\.xml$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1_000
    )]
    private static partial Regex Main();

    [GeneratedRegex(
        "_x(?<code>[0-9A-Fa-f]{4})_",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1_000
    )]
    private static partial Regex Escape();
}
