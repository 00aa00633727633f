namespace WebTrainer.Pipeline.Import;

/// <summary>What the first rows of a file hold, field by field.</summary>
internal sealed class RecordSample
{
    private readonly Dictionary<string, Column> _columns = [];

    public int Rows { get; private set; }

    /// <summary>In the order in which they first come up.</summary>
    public List<string> Fields { get; } = [];

    public void Add(SourceFields row)
    {
        Rows++;
        foreach (var name in row.Names)
        {
            if (!_columns.TryGetValue(name, out var column))
            {
                _columns[name] = column = new Column();
                Fields.Add(name);
            }

            column.Add(row, name);
        }
    }

    /// <summary>The kind that most rows have that have the field at all: one that few rows fill is a field too.</summary>
    public FieldKind KindOf(string name) =>
        _columns.TryGetValue(name, out var column)
            ? column.Kinds.MaxBy(k => k.Key == FieldKind.Missing ? 0 : k.Value).Key
            : FieldKind.Missing;

    public bool Has(string name, FieldKind kind) => KindOf(name) == kind;

    public int Distinct(string name) => _columns[name].Values.Count;

    /// <summary>Characters, on average of the distinct values.</summary>
    public double MeanLength(string name) => _columns[name].Values.Select(v => v.Length).DefaultIfEmpty(0).Average();

    /// <summary>Characters of the longest list or object.</summary>
    public int LongestJson(string name) => _columns[name].LongestJson;

    private sealed class Column
    {
        public Dictionary<FieldKind, int> Kinds { get; } = [];
        public HashSet<string> Values { get; } = [];
        public int LongestJson { get; private set; }

        public void Add(SourceFields row, string name)
        {
            var kind = row.KindOf(name);
            Kinds[kind] = Kinds.GetValueOrDefault(kind) + 1;
            if (kind == FieldKind.Missing)
            {
                return;
            }

            try
            {
                if (kind is FieldKind.List or FieldKind.Object)
                {
                    LongestJson = Math.Max(LongestJson, row.Json(name).Length);
                }
                else
                {
                    Values.Add(row.Text(name) ?? "");
                }
            }
            catch (BrokenRowException)
            {
                // Says nothing about the column; the import reports it with its line.
                Kinds[kind]--;
            }
        }
    }
}
