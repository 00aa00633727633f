using WebTrainer.Pipeline.Export;

namespace WebTrainer.Pipeline.Import;

/// <summary>Finds delimiter, quote and header of a delimited file by trying them on its beginning.</summary>
internal static class CsvSniffer
{
    private const int LongestHeaderName = 64;

    /// <summary>Share of the records that must agree on the number of columns.</summary>
    private const double LeastShare = 0.5;
    private static readonly char[] s_delimiters = [',', '\t', ';', '|'];

    /// <param name="lines">Whole lines from the file's beginning.</param>
    /// <param name="allowOneColumn">Whether a file without any delimiter is a table too, as a <c>.csv</c> may be.</param>
    /// <returns>Null where the text is no table.</returns>
    public static CsvDialect? Sniff(IReadOnlyList<string> lines, bool allowOneColumn, ImportLimits limits)
    {
        var best = s_delimiters
            .Select(d => Try(lines, d, limits.SampleRows))
            .Where(t => t.Columns > 1 && t.Columns <= limits.MaxColumns && t.Share >= LeastShare)
            .OrderByDescending(t => t.Share)
            .FirstOrDefault();
        if (best is null && allowOneColumn) best = Try(lines, ',', '"', limits.SampleRows);
        if (best is null || best.Records.Count == 0) return null;

        var hasHeader = LooksLikeHeader(best.Records);
        var columns = hasHeader ? Names(best.Records[0]) : Numbered(best.Columns);
        return new CsvDialect(best.Delimiter, best.Quote, hasHeader, columns)
        {
            GuardsFormulas = columns.SequenceEqual(CsvColumns.All) || columns.SequenceEqual(CsvColumns.WithOrigin),
        };
    }

    /// <remarks>Commas in text need quotes; files with tabs or bars often have none and use the quote as a plain character.</remarks>
    private static Trial Try(IReadOnlyList<string> lines, char delimiter, int sampleRows)
    {
        var quoted = Try(lines, delimiter, '"', sampleRows);
        return delimiter is '\t' or '|' && quoted.Broken > quoted.QuotedFields ? Try(lines, delimiter, null, sampleRows) : quoted;
    }

    private static Trial Try(IReadOnlyList<string> lines, char delimiter, char? quote, int sampleRows)
    {
        var parser = new CsvRecordParser(delimiter, quote);
        var trial = new Trial(delimiter, quote);
        var open = false;
        foreach (var line in lines)
        {
            if (!open && line.AsSpan().TrimEnd('\r').IsEmpty) continue;
            if (!open) parser.Reset();
            var state = parser.Add(line);
            open = state == CsvState.Open;
            if (state == CsvState.Broken) trial.Broken++;
            if (state == CsvState.Complete) trial.Add(parser, sampleRows);
        }

        return trial;
    }

    /// <summary>A header is a record of short, distinct, worded names that don't come back as values in their columns.</summary>
    private static bool LooksLikeHeader(IReadOnlyList<IReadOnlyList<string>> records)
    {
        var first = records[0];
        if (first.Distinct(StringComparer.OrdinalIgnoreCase).Count() != first.Count) return false;
        if (!first.All(IsName)) return false;
        if (first.Any(FieldNames.IsKnown)) return true;
        return records.Count > 1 && !records.Skip(1).Any(r => r.Count == first.Count && r.Where((value, i) => value == first[i]).Any());
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= LongestHeaderName
        && text.Any(char.IsLetter)
        && text.Count(c => c == ' ') <= 3
        && text.All(c => char.IsLetterOrDigit(c) || c is ' ' or '_' or '-' or '.' or '/' or '(' or ')' or '\u200C');

    private static string[] Names(IReadOnlyList<string> header) => [.. header.Select(n => n.Trim())];

    private static string[] Numbered(int count) => [.. Enumerable.Range(1, count).Select(i => $"column{i}")];

    private sealed class Trial(char delimiter, char? quote)
    {
        private readonly Dictionary<int, int> _widths = [];
        private int _complete;

        public char Delimiter { get; } = delimiter;
        public char? Quote { get; } = quote;
        public List<IReadOnlyList<string>> Records { get; } = [];
        public int Broken { get; set; }
        public int QuotedFields { get; private set; }

        /// <summary>The number of columns that most records have.</summary>
        public int Columns => _widths.Count == 0 ? 0 : _widths.MaxBy(w => w.Value).Key;

        /// <summary>Share of the records that have it.</summary>
        public double Share => _complete == 0 ? 0 : (double)_widths[Columns] / (_complete + Broken);

        public void Add(CsvRecordParser parser, int sampleRows)
        {
            _complete++;
            QuotedFields += parser.Quoted;
            _widths[parser.Fields.Count] = _widths.GetValueOrDefault(parser.Fields.Count) + 1;
            if (Records.Count < sampleRows) Records.Add([.. parser.Fields]);
        }
    }
}
