using WebTrainer.Statistics;

namespace WebTrainer.Drift;

/// <summary>Measures on vectors of texts. What the reference alone decides is worked out once.</summary>
internal sealed class VectorMeasures
{
    /// <summary>Streams of the seed: which rows are drawn for what.</summary>
    private const int ForNeighbours = 1,
        ForClassifier = 2,
        ForKernel = 3,
        OfWindow = 4;

    private readonly DriftSettings _settings;
    private readonly float[][] _classified;
    private readonly float[][] _kernel;
    private readonly NeighbourTest _neighbours;

    public VectorMeasures(IReadOnlyList<DriftRow> reference, DriftSettings settings)
    {
        _settings = settings;
        var near = Draw(reference.Count, settings.NeighbourRows, ForNeighbours);
        var classified = Draw(reference.Count, settings.ClassifierRows, ForClassifier);
        var kernel = Draw(reference.Count, settings.KernelRows, ForKernel);
        int[] all = [.. near.Union(classified).Union(kernel).Order()];
        var vectors = all.Zip(Embed([.. all.Select(i => reference[i])])).ToDictionary();
        _neighbours = new([.. near.Select(i => vectors[i])]);
        _classified = [.. classified.Select(i => vectors[i])];
        _kernel = [.. kernel.Select(i => vectors[i])];
    }

    public IEnumerable<Reading> Read(IReadOnlyList<DriftRow> window)
    {
        DriftRow[] rows = [.. Draw(window.Count, _settings.WindowRows, OfWindow).Select(i => window[i])];
        var vectors = Embed(rows);
        return [Meaning(rows, vectors), Recognisable(rows, vectors), Topics(rows, vectors)];
    }

    private int[] Draw(int rows, int most, int stream) =>
        rows <= most ? [.. Enumerable.Range(0, rows)] : [.. SplitMix.Of(_settings.Seed, stream).Permutation(rows).Take(most).Order()];

    private float[][] Embed(IReadOnlyList<DriftRow> rows)
    {
        var vectors = _settings.Embed!([.. rows.Select(row => row.Text)]);
        return vectors.Count == rows.Count
            ? [.. vectors.Select(VectorRows.Normalised)]
            : throw new NotComparableException(
                $"The embedder gave {vectors.Count} vectors of {rows.Count} texts; it must give one of each."
            );
    }

    private Reading Meaning(DriftRow[] rows, float[][] vectors)
    {
        var drawn = Draw(rows.Length, _settings.KernelRows, ForKernel);
        var mmd = MaximumMeanDiscrepancy.Test(_kernel, [.. drawn.Select(i => vectors[i])], _settings.Draws, _settings.Seed);
        var figures = FormattableString.Invariant($"MMD² {mmd.Value:0.#####}, p {mmd.PValue:0.####}");
        return new(
            DriftMeasure.Meaning,
            new(mmd.Value, mmd.PValue),
            $"Texts as a whole say something else than the reference ({figures}).",
            $"Texts as a whole say what the reference says ({figures}).",
            Reading.Highest([.. drawn.Select(i => rows[i])], mmd.Unlikeness, _settings.Examples)
        );
    }

    private Reading Recognisable(DriftRow[] rows, float[][] vectors)
    {
        var result = DomainClassifier.Test(_classified, vectors, _settings.Seed);
        var told = $"from one of the reference in {Words.Percent(result.Auc)} of pairs; 50 % is chance";
        return new(
            DriftMeasure.Recognisable,
            new(result.Auc, result.PValue),
            $"A classifier tells a text of the window {told}.",
            $"A classifier can't surely tell the window's texts: {told}.",
            Reading.Highest(rows, result.Scores, _settings.Examples)
        );
    }

    private Reading Topics(DriftRow[] rows, float[][] vectors)
    {
        var result = _neighbours.Test(vectors, _settings.Draws, _settings.Seed);
        var near = $"{Words.Percent(result.Share)} of their neighbours are of the window, {Words.Percent(result.Usual)} is usual";
        return new(
            DriftMeasure.Topics,
            new(result.Share, result.PValue),
            result.ShareOfApart > 0
                ? $"About {Words.Percent(result.ShareOfApart)} of the texts speak of a topic that the reference hardly has: {near}."
                : $"Texts of the window crowd where the reference has fewer: {near}.",
            $"No topic is new: {near}.",
            Reading.Highest(rows, [.. result.Crowds.Select(crowd => (double)crowd)], _settings.Examples)
        );
    }
}
