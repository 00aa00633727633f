namespace WebTrainer.Drift;

/// <summary>The nearest rows of each row of a set, by cosine, the nearest first; never the row itself.</summary>
internal sealed class NeighbourLists
{
    private readonly int _most;
    private readonly float[][] _rows;
    private readonly int[][] _neighbours;
    private readonly float[][] _likeness;

    private NeighbourLists(float[][] rows, int most)
    {
        (_rows, _most) = (rows, most);
        (_neighbours, _likeness) = (new int[rows.Length][], new float[rows.Length][]);
    }

    public IReadOnlyList<int> Of(int row) => _neighbours[row];

    /// <param name="rows">Vectors of length 1 or 0; as many comparisons as pairs of rows.</param>
    /// <param name="most">Neighbours of each; fewer where there are fewer rows.</param>
    public static NeighbourLists Build(float[][] rows, int most)
    {
        var lists = new NeighbourLists(rows, most);
        Parallel.For(
            0,
            rows.Length,
            i =>
                (lists._neighbours[i], lists._likeness[i]) = lists.Nearest(
                    rows[i],
                    [.. Enumerable.Range(0, rows.Length).Where(j => j != i)]
                )
        );
        return lists;
    }

    /// <summary>Lists of these rows with others behind them; only pairs with one of the others are compared. Of equally near ones the
    /// earlier stays.</summary>
    public NeighbourLists With(float[][] more)
    {
        var lists = new NeighbourLists([.. _rows, .. more], _most);
        int[] added = [.. Enumerable.Range(_rows.Length, more.Length)];
        Parallel.For(
            0,
            lists._rows.Length,
            i =>
            {
                var isOld = i < _rows.Length;
                var candidates = isOld ? added : [.. Enumerable.Range(0, lists._rows.Length).Where(j => j != i)];
                (lists._neighbours[i], lists._likeness[i]) = isOld
                    ? lists.Nearest(lists._rows[i], candidates, _neighbours[i], _likeness[i])
                    : lists.Nearest(lists._rows[i], candidates);
            }
        );
        return lists;
    }

    private (int[] Rows, float[] Likeness) Nearest(float[] of, int[] candidates, int[]? known = null, float[]? knownLikeness = null)
    {
        var found = new List<(int Row, float Likeness)>(_most + 1);
        found.AddRange((known ?? []).Zip(knownLikeness ?? []));
        foreach (var row in candidates)
        {
            var likeness = VectorRows.Dot(of, _rows[row]);
            if (found.Count == _most && likeness <= found[^1].Likeness)
            {
                continue;
            }

            var place = found.Count;
            while (place > 0 && found[place - 1].Likeness < likeness)
            {
                place--;
            }

            found.Insert(place, (row, likeness));
            if (found.Count > _most)
            {
                found.RemoveAt(_most);
            }
        }

        return ([.. found.Select(f => f.Row)], [.. found.Select(f => f.Likeness)]);
    }
}
