using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Statistics;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>By what two answers to a row are compared.</summary>
public enum ExampleMeasure
{
    /// <summary>Right or wrong; among rows alike in that, by the loss of the right answer.</summary>
    Right,

    /// <summary>Words in common with the right answer.</summary>
    TokenF1,

    /// <summary>Loss of the right answer; lower is better.</summary>
    Loss,
}

public enum PairShow
{
    All,

    /// <summary>The second is better.</summary>
    Wins,

    /// <summary>The first is better.</summary>
    Losses,

    /// <summary>Neither is right.</summary>
    BothWrong,
}

public enum PairOrder
{
    /// <summary>What got worst comes first.</summary>
    WorstFirst,
    BestFirst,

    /// <summary>As the rows stand in the test split.</summary>
    Rows,
}

/// <param name="Category">The expected answer that rows have; null for all.</param>
public sealed record PairQuery(
    ExampleMeasure Measure = ExampleMeasure.Right,
    PairShow Show = PairShow.All,
    PairOrder Order = PairOrder.WorstFirst,
    string? Category = null
);

/// <summary>Rows that two models have both answered, joined by their ids. <c>Gain</c> above 0: the second is better.</summary>
public sealed class PairedExamples
{
    private readonly ExampleColumns _first,
        _second;
    private readonly ModelColumn _a,
        _b;
    private readonly int[] _rowsA,
        _rowsB;

    public PairedExamples(ExampleColumns first, ModelColumn firstModel, ExampleColumns second, ModelColumn secondModel)
    {
        (_first, _a, _second, _b) = (first, firstModel, second, secondModel);
        (_rowsA, _rowsB) = ReferenceEquals(first, second) ? (All(first.Count), All(first.Count)) : Join(first, second);
    }

    /// <summary>Rows that both have answered.</summary>
    public int Count => _rowsA.Length;

    public (int First, int Second) RowsOf(int pair) => (_rowsA[pair], _rowsB[pair]);

    public string RowId(int pair) => _first.RowIds[_rowsA[pair]];

    public IReadOnlyList<string> Categories => _first.Categories;

    public bool HasLoss => Count > 0 && !float.IsNaN(_a.Loss[_rowsA[0]]) && !float.IsNaN(_b.Loss[_rowsB[0]]);

    public (bool First, bool Second) Right(int pair) => (_a.Right[_rowsA[pair]], _b.Right[_rowsB[pair]]);

    /// <summary>How much better the second is, in the measure's own unit.</summary>
    public double Gain(int pair, ExampleMeasure measure)
    {
        var (a, b) = (_rowsA[pair], _rowsB[pair]);
        return measure switch
        {
            ExampleMeasure.Right => (_b.Right[b] ? 1 : 0) - (_a.Right[a] ? 1 : 0),
            ExampleMeasure.TokenF1 => _b.TokenF1[b] - _a.TokenF1[a],
            _ => _a.Loss[a] - _b.Loss[b],
        };
    }

    public double[] Gains(ExampleMeasure measure)
    {
        var gains = new double[Count];
        for (var pair = 0; pair < gains.Length; pair++)
        {
            gains[pair] = Gain(pair, measure);
        }

        return gains;
    }

    public PairedCounts Counts()
    {
        var counts = new long[4];
        for (var pair = 0; pair < Count; pair++)
        {
            counts[(_a.Right[_rowsA[pair]] ? 2 : 0) + (_b.Right[_rowsB[pair]] ? 1 : 0)]++;
        }

        return new PairedCounts(counts[3], counts[2], counts[1], counts[0]);
    }

    /// <summary>The pairs that a query shows, in its order.</summary>
    public int[] Select(PairQuery query)
    {
        var category = query.Category is { } name ? Array.IndexOf(_first.Categories, name) : -1;
        var chosen = new List<int>();
        for (var pair = 0; pair < Count; pair++)
        {
            if ((query.Category is null || category >= 0 && _first.CategoryOf[_rowsA[pair]] == category) && Shows(pair, query))
            {
                chosen.Add(pair);
            }
        }

        int[] pairs = [.. chosen];
        if (query.Order == PairOrder.Rows)
        {
            return pairs;
        }

        var sign = query.Order == PairOrder.WorstFirst ? 1 : -1;
        var keys = pairs
            .Select(pair =>
                (
                    sign * Gain(pair, query.Measure),
                    query.Measure == ExampleMeasure.Right && HasLoss ? sign * Gain(pair, ExampleMeasure.Loss) : 0,
                    pair
                )
            )
            .ToArray();
        Array.Sort(keys, pairs); // equal ones by their rows: each time the same
        return pairs;
    }

    private bool Shows(int pair, PairQuery query) =>
        query.Show switch
        {
            PairShow.Wins => Gain(pair, query.Measure) > 0,
            PairShow.Losses => Gain(pair, query.Measure) < 0,
            PairShow.BothWrong => !_a.Right[_rowsA[pair]] && !_b.Right[_rowsB[pair]],
            _ => true,
        };

    private static int[] All(int count) => [.. Enumerable.Range(0, count)];

    private static (int[] A, int[] B) Join(ExampleColumns first, ExampleColumns second)
    {
        var places = new Dictionary<string, int>(second.Count, StringComparer.Ordinal);
        for (var row = 0; row < second.Count; row++)
        {
            places.TryAdd(second.RowIds[row], row);
        }

        var (a, b) = (new List<int>(first.Count), new List<int>(first.Count));
        for (var row = 0; row < first.Count; row++)
        {
            if (!places.Remove(first.RowIds[row], out var other))
            {
                continue; // answered by one alone, or a second time
            }

            a.Add(row);
            b.Add(other);
        }

        return ([.. a], [.. b]);
    }
}
