namespace WebTrainer.Pipeline.Vectors.Maps;

/// <summary>What rows of a map are coloured by, and the words by which clusters are named.</summary>
internal sealed class MapLooks(int clusters)
{
    private const string Others = "others";
    private const string None = "none";
    private const int WordsOfName = 3;
    private const int ShortestWord = 3;

    /// <summary>Words that fewer rows of a cluster have say nothing of it.</summary>
    private const int LeastRowsOfWord = 2;

    private readonly List<int> _clusterOf = [];
    private readonly List<string?> _labels = [];
    private readonly List<string> _splits = [];
    private readonly List<string> _sources = [];
    private readonly Dictionary<string, int[]> _rowsOfWord = new(StringComparer.Ordinal);
    private readonly int[] _rows = new int[clusters];
    private readonly List<float>[] _x = [.. Enumerable.Range(0, clusters).Select(_ => new List<float>())];
    private readonly List<float>[] _y = [.. Enumerable.Range(0, clusters).Select(_ => new List<float>())];

    /// <param name="cluster">Null for a row without words.</param>
    public void Add(CanonicalRow row, int? cluster, float x, float y, string source)
    {
        _clusterOf.Add(cluster ?? 0);
        _labels.Add(row.Label);
        _splits.Add(row.Split?.ToName() ?? None);
        _sources.Add(source);
        if (cluster is not { } of)
        {
            return;
        }

        _rows[of]++;
        _x[of].Add(x);
        _y[of].Add(y);
        foreach (var word in Words(row.Prompt))
        {
            if (!_rowsOfWord.TryGetValue(word, out var rows))
            {
                _rowsOfWord[word] = rows = new int[clusters];
            }

            rows[of]++;
        }
    }

    public VersionMap Map(float[] x, float[] y)
    {
        var named = Enumerable.Range(0, clusters).Select(Cluster).ToArray();
        var columns = new List<(MapColumn Column, byte[] Values)>
        {
            (new MapColumn(MapColumn.Cluster, [.. named.Select(c => c.Name)]), [.. _clusterOf.Select(c => (byte)c)]),
        };
        foreach (
            var (name, values) in (IEnumerable<(string, List<string>)>)
                [(MapColumn.Label, [.. _labels.Select(l => l ?? None)]), (MapColumn.Split, _splits), (MapColumn.Source, _sources)]
        )
        {
            if (values.Distinct().Skip(1).Any())
            {
                columns.Add(Column(name, values));
            }
        }

        return new VersionMap(
            new MapHead(VersionMap.Format, x.Length, [.. columns.Select(c => c.Column)], named),
            x,
            y,
            [.. columns.Select(c => c.Values)]
        );
    }

    private static (MapColumn Column, byte[] Values) Column(string name, List<string> values)
    {
        var byRows = values
            .CountBy(v => v)
            .OrderByDescending(v => v.Value)
            .ThenBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => v.Key)
            .ToList();
        List<string> shown = byRows.Count <= VersionMap.MostValues ? byRows : [.. byRows.Take(VersionMap.MostValues - 1), Others];
        var places = shown.Index().ToDictionary(v => v.Item, v => (byte)v.Index);
        return (new MapColumn(name, shown), [.. values.Select(v => places.GetValueOrDefault(v, (byte)(shown.Count - 1)))]);
    }

    private MapCluster Cluster(int cluster)
    {
        var labels = _labels
            .Where((label, row) => label is not null && _clusterOf[row] == cluster)
            .CountBy(label => label!)
            .OrderByDescending(l => l.Value)
            .ThenBy(l => l.Key, StringComparer.Ordinal)
            .ToList();
        return new MapCluster(
            Name(cluster),
            _rows[cluster],
            Middle(_x[cluster]),
            Middle(_y[cluster]),
            labels.Count == 0 ? null : labels[0].Key,
            labels.Count == 0 ? 0 : labels[0].Value / (double)labels.Sum(l => l.Value)
        );
    }

    /// <summary>
    /// Words that are frequent here and more frequent than elsewhere: p(word | cluster) · log(p(word | cluster) / p(word)).
    /// </summary>
    private string Name(int cluster)
    {
        double all = Math.Max(1, _rows.Sum()),
            own = Math.Max(1, _rows[cluster]);
        var words = _rowsOfWord
            .Where(w => w.Value[cluster] >= Math.Min(LeastRowsOfWord, own))
            .Select(w => (Word: w.Key, Score: w.Value[cluster] / own * Math.Log(w.Value[cluster] / own / (w.Value.Sum() / all))))
            .OrderByDescending(w => w.Score)
            .ThenBy(w => w.Word, StringComparer.Ordinal)
            .Take(WordsOfName)
            .Select(w => w.Word)
            .ToList();
        return words.Count == 0 ? $"group {cluster + 1}" : string.Join(", ", words);
    }

    private static float Middle(List<float> values)
    {
        if (values.Count == 0)
        {
            return VersionMap.Span / 2;
        }

        values.Sort();
        return values[values.Count / 2];
    }

    /// <summary>Each word of a text once.</summary>
    private static HashSet<string> Words(string text)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isPart = i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] == '\'');
            if (isPart && start < 0)
            {
                start = i;
            }
            else if (!isPart && start >= 0)
            {
                if (i - start >= ShortestWord)
                {
                    words.Add(text[start..i].ToLowerInvariant());
                }

                start = -1;
            }
        }

        return words;
    }
}
