using WebTrainer.Learning.Batching;

namespace WebTrainer.Learning.Privacy;

/// <summary>What a row of a map's input stands for.</summary>
internal enum MapPlace
{
    /// <summary>Each token of each sequence, padding too: maps of the layers, and embeddings.</summary>
    Tokens,

    /// <summary>Each token that is learned: the head over the vocabulary.</summary>
    Learned,

    /// <summary>Each sequence: a classifier's head.</summary>
    Rows,
}

/// <summary>Where each unit of a pass begins among what a map sees; a unit's rows stand one behind the other.</summary>
internal sealed class PassUnits
{
    private readonly Dictionary<MapPlace, long[]> _starts;

    public PassUnits(Batch batch, Func<TokenRow, string> unitOf)
    {
        List<List<TokenRow>> units = [];
        string? last = null;
        foreach (var row in batch.Rows)
        {
            var unit = unitOf(row);
            if (unit != last)
            {
                units.Add([]);
                last = unit;
            }

            units[^1].Add(row);
        }

        Units = units;
        var width = batch.Ids.shape[1];
        _starts = new()
        {
            [MapPlace.Tokens] = Sums(units, _ => width),
            [MapPlace.Learned] = Sums(units, row => row.LearnedTokens),
            [MapPlace.Rows] = Sums(units, _ => 1),
        };
    }

    /// <summary>The rows of each.</summary>
    public IReadOnlyList<IReadOnlyList<TokenRow>> Units { get; }

    /// <summary>First place of each unit, and behind the last one the number of all.</summary>
    public long[] Starts(MapPlace place) => _starts[place];

    private static long[] Sums(List<List<TokenRow>> units, Func<TokenRow, long> places)
    {
        var starts = new long[units.Count + 1];
        for (var i = 0; i < units.Count; i++)
        {
            starts[i + 1] = starts[i] + units[i].Sum(places);
        }

        return starts;
    }
}
