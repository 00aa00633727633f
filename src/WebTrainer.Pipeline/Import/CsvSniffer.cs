using System.Globalization;
using WebTrainer.Pipeline.Export;

namespace WebTrainer.Pipeline.Import;

/// <summary>Finds delimiter, quote and header of a delimited file by trying them on its beginning.</summary>
internal static class CsvSniffer
{
    private const int LongestHeaderName = 64;

    /// <summary>Questions of a survey are names too; texts of rows are seldom so much shorter than the others of their column.</summary>
    private const int LongestQuestion = 200;
    private const double NameLengthOfTexts = 0.6,
        ShortestTexts = 20;

    /// <summary>Share of the records that must agree on the number of columns.</summary>
    private const double LeastShare = 0.5;
    private static readonly char[] s_delimiters = [',', '\t', ';', '|'];

    /// <param name="lines">Whole lines from the file's beginning.</param>
    /// <param name="allowOneColumn">Whether a file without any delimiter is a table too, as a <c>.csv</c> may be.</param>
    /// <param name="reading">What a person says of the file.</param>
    /// <returns>Null where the text is no table.</returns>
    public static CsvDialect? Sniff(IReadOnlyList<string> lines, bool allowOneColumn, ImportLimits limits, FileReading? reading = null)
    {
        reading ??= FileReading.ByLooking;
        var from = (int)Math.Min(lines.Count, (reading.FirstLine ?? 1) - 1);
        var best = (reading.Delimiter is { } said ? [said] : s_delimiters)
            .Select(d => Try(lines, from, d, limits.SampleRows))
            .Where(t => t.Columns > 1 && t.Columns <= limits.MaxColumns && (t.Share >= LeastShare || reading.Delimiter is not null))
            .OrderByDescending(t => t.Share)
            .FirstOrDefault();
        if (best is null && allowOneColumn)
        {
            best = Try(lines, from, reading.Delimiter ?? ',', '"', limits.SampleRows);
        }

        if (best is null || best.Records.Count == 0)
        {
            return null;
        }

        var above = reading.FirstLine is null ? Titles(best) : 0;
        var records = best.Records.Skip(above).ToList();
        var hasHeader = reading.HasHeader ?? LooksLikeHeader(records);
        var columns = hasHeader ? Names(records[0]) : Numbered(best.Columns);
        return new CsvDialect(best.Delimiter, best.Quote, hasHeader, columns)
        {
            FirstLine = above == 0 ? from + 1 : best.Lines[above],
            GuardsFormulas = CsvColumns.IsOf(columns),
        };
    }

    /// <summary>
    /// Records above the table that hold one thing alone, a title or a note, where what follows them has the columns of the others.
    /// </summary>
    private static int Titles(Trial trial)
    {
        if (trial.Columns < 2)
        {
            return 0;
        }

        var titles = trial.Records.TakeWhile(r => r.Count(cell => cell.Length > 0) <= 1).Count();
        // A first row whose other cells are empty is a title only above names: it may be the first of the rows.
        var isTitle =
            titles > 0
            && titles < trial.Records.Count
            && trial.Records[titles].Count == trial.Columns
            && (trial.Records.Take(titles).All(r => r.Count == 1) || LooksLikeHeader(trial.Records[titles..]));
        return isTitle ? titles : 0;
    }

    /// <remarks>Commas in text need quotes; files with tabs or bars often have none and use the quote as a plain character.</remarks>
    private static Trial Try(IReadOnlyList<string> lines, int from, char delimiter, int sampleRows)
    {
        var quoted = Try(lines, from, delimiter, '"', sampleRows);
        return delimiter is '\t' or '|' && quoted.Broken > quoted.QuotedFields ? Try(lines, from, delimiter, null, sampleRows) : quoted;
    }

    private static Trial Try(IReadOnlyList<string> lines, int from, char delimiter, char? quote, int sampleRows)
    {
        var parser = new CsvRecordParser(delimiter, quote);
        var trial = new Trial(delimiter, quote);
        var (open, began) = (false, 0);
        for (var i = from; i < lines.Count; i++)
        {
            var line = lines[i];
            if (!open && line.AsSpan().TrimEnd('\r').IsEmpty)
            {
                continue;
            }

            if (!open)
            {
                parser.Reset();
                began = i + 1;
            }

            var state = parser.Add(line);
            open = state == CsvState.Open;
            if (state == CsvState.Broken)
            {
                trial.Broken++;
            }

            if (state == CsvState.Complete)
            {
                trial.Add(parser, began, sampleRows);
            }
        }

        return trial;
    }

    /// <summary>
    /// A header is a record of names that don't come back as values in their columns. They are told from texts by being short, distinct and
    /// worded; or, where people wrote them as they liked (empty, twice, with marks, whole questions), by a name that such files have, by
    /// numbers below a word, or by texts that are much longer.
    /// </summary>
    private static bool LooksLikeHeader(List<IReadOnlyList<string>> records)
    {
        var first = records[0];
        var others = records.Skip(1).Where(r => r.Count == first.Count).ToList();
        var plain = first.All(IsName) && first.Distinct(StringComparer.OrdinalIgnoreCase).Count() == first.Count;
        if (others.Exists(r => r.Where((value, i) => value.Length > 0 && value == first[i]).Any()))
        {
            return false;
        }

        if (plain && first.Any(FieldNames.IsKnown))
        {
            return true;
        }

        if (others.Count == 0 || !first.All(MayBeName))
        {
            return false;
        }

        return plain
            || first.Any(FieldNames.IsKnown)
            || Enumerable.Range(0, first.Count).Any(i => NamesNumbers(first[i], others, i))
            || IsMuchShorter(first, others);
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= LongestHeaderName
        && text.Any(char.IsLetter)
        && text.Count(c => c == ' ') <= 3
        && text.All(c => char.IsLetterOrDigit(c) || c is ' ' or '_' or '-' or '.' or '/' or '(' or ')' or '\u200C');

    /// <summary>An index has no name, and many tables end with empty columns.</summary>
    private static bool MayBeName(string text) => text.Length <= LongestQuestion && !text.Contains('\n') && !IsNumber(text);

    private static bool NamesNumbers(string name, List<IReadOnlyList<string>> others, int column) =>
        name.Any(char.IsLetter) && others.TrueForAll(r => IsNumber(r[column]));

    private static bool IsMuchShorter(IReadOnlyList<string> first, List<IReadOnlyList<string>> others)
    {
        var lengths = Enumerable.Range(0, first.Count).Select(i => others.Average(r => r[i].Length)).ToList();
        var texts = lengths.IndexOf(lengths.Max());
        return lengths[texts] >= ShortestTexts
            && first[texts].Any(char.IsLetter)
            && first[texts].Length <= NameLengthOfTexts * lengths[texts];
    }

    private static bool IsNumber(string text) =>
        double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);

    /// <summary>A column without a name is called by its place, and the second of two by which of them it is.</summary>
    private static string[] Names(IReadOnlyList<string> header)
    {
        var (names, taken) = (new string[header.Count], new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < names.Length; i++)
        {
            var name = header[i].Trim() is { Length: > 0 } given ? given : $"column{i + 1}";
            names[i] = name;
            for (var copy = 2; !taken.Add(names[i]); copy++)
            {
                names[i] = $"{name} ({copy})";
            }
        }

        return names;
    }

    private static string[] Numbered(int count) => [.. Enumerable.Range(1, count).Select(i => $"column{i}")];

    private sealed class Trial(char delimiter, char? quote)
    {
        private readonly Dictionary<int, int> _widths = [];
        private int _complete;

        public char Delimiter { get; } = delimiter;
        public char? Quote { get; } = quote;
        public List<IReadOnlyList<string>> Records { get; } = [];

        /// <summary>The line where each of them begins, counted from 1.</summary>
        public List<long> Lines { get; } = [];
        public int Broken { get; set; }
        public int QuotedFields { get; private set; }

        /// <summary>The number of columns that most records have.</summary>
        public int Columns => _widths.Count == 0 ? 0 : _widths.MaxBy(w => w.Value).Key;

        /// <summary>Share of the records that have it.</summary>
        public double Share => _complete == 0 ? 0 : (double)_widths[Columns] / (_complete + Broken);

        public void Add(CsvRecordParser parser, int line, int sampleRows)
        {
            _complete++;
            QuotedFields += parser.Quoted;
            _widths[parser.Fields.Count] = _widths.GetValueOrDefault(parser.Fields.Count) + 1;
            if (Records.Count >= sampleRows)
            {
                return;
            }

            Records.Add([.. parser.Fields]);
            Lines.Add(line);
        }
    }
}
