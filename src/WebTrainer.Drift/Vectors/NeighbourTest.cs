namespace WebTrainer.Drift;

/// <summary>Whether rows of the window lie among themselves.</summary>
/// <param name="Share">Mean share of the window among the nearest neighbours of its rows.</param>
/// <param name="Usual">The share to be expected without a change: that of the window in all rows.</param>
/// <param name="PValue">Of a permutation test.</param>
/// <param name="ShareOfApart">Share of the window's rows that lie apart: most of their neighbours are of the window, less the share of
/// rows of the reference of which most neighbours are of the window.</param>
/// <param name="Crowds">Of each row of the window, how many of its neighbours are of the window; 0 to as many as were asked for.</param>
public sealed record NeighbourResult(double Share, double Usual, double PValue, double ShareOfApart, IReadOnlyList<int> Crowds);

/// <summary>
/// The nearest neighbour two-sample test (Schilling, JASA 81, 1986; Henze, Annals of Statistics 16, 1988): where the window is as the
/// reference, the neighbours of its rows are of the window no more often than rows as a whole. It sees what means of all rows don't: a few
/// rows of a topic that the reference hasn't.
/// </summary>
/// <remarks>
/// The reference's own neighbours are found once; a window costs its own pairs. Who is near whom doesn't depend on the sides, so that a
/// permutation only counts. Equal texts of both sides count as near to the reference first, which raises no alarm.
/// </remarks>
public sealed class NeighbourTest
{
    /// <summary>Neighbours of each row.</summary>
    public const int Neighbours = 10;

    private readonly NeighbourLists _reference;
    private readonly int _rows;

    /// <param name="reference">Vectors of one length, at least two.</param>
    /// <exception cref="NotComparableException">Too few vectors, of several lengths, or not finite.</exception>
    public NeighbourTest(IReadOnlyList<float[]> reference)
    {
        VectorRows.Check(reference, reference, least: 2);
        _rows = reference.Count;
        First = reference[0];
        _reference = NeighbourLists.Build([.. reference.Select(VectorRows.Normalised)], Neighbours);
    }

    private float[] First { get; }

    /// <param name="current">At least two vectors as long as those of the reference.</param>
    /// <param name="draws">Most permutations.</param>
    /// <exception cref="NotComparableException">Too few vectors, of other lengths, or not finite.</exception>
    public NeighbourResult Test(IReadOnlyList<float[]> current, int draws, long seed)
    {
        VectorRows.Check([First, First], current, least: 2);
        var lists = _reference.With([.. current.Select(VectorRows.Normalised)]);
        var all = _rows + current.Count;
        var chosen = new bool[all];
        double Crowded(int[] window)
        {
            Array.Clear(chosen);
            Array.ForEach(window, row => chosen[row] = true);
            return Array.ConvertAll(window, row => (double)Crowd(lists, row, chosen)).Sum();
        }

        var test = PermutationTest.Test(all, current.Count, Crowded, draws, seed);
        bool[] isCurrent = [.. Enumerable.Range(0, all).Select(row => row >= _rows)];
        int[] crowds = [.. Enumerable.Range(0, all).Select(row => Crowd(lists, row, isCurrent))];
        var most = Math.Min(Neighbours, all - 1);
        var (apart, usualApart) = (
            crowds.Skip(_rows).Average(crowd => crowd * 2 > most ? 1.0 : 0),
            crowds.Take(_rows).Average(crowd => crowd * 2 > most ? 1.0 : 0)
        );
        return new(
            test.Statistic / (most * (double)current.Count),
            (current.Count - 1.0) / (all - 1),
            test.PValue,
            Math.Max(0, apart - usualApart),
            [.. crowds.Skip(_rows)]
        );
    }

    private static int Crowd(NeighbourLists lists, int row, bool[] chosen)
    {
        var crowd = 0;
        foreach (var neighbour in lists.Of(row))
        {
            crowd += chosen[neighbour] ? 1 : 0;
        }

        return crowd;
    }
}
