namespace WebTrainer.Drift;

/// <summary>Measures that need no vectors.</summary>
internal sealed class PlainMeasures
{
    private const int UnknownShown = 3;
    private const int LabelsShown = 2;
    private readonly IReadOnlyList<DriftRow> _reference;
    private readonly DriftSettings _settings;
    private readonly Vocabulary _vocabulary;
    private readonly PhraseTest _phrases;
    private readonly double[] _lengths;
    private readonly double[] _unknown;

    public PlainMeasures(IReadOnlyList<DriftRow> reference, DriftSettings settings)
    {
        (_reference, _settings) = (reference, settings);
        _vocabulary = new(reference.Select(row => row.Text));
        _phrases = new([.. reference.Select(row => row.Text)]);
        _lengths = [.. reference.Select(Length)];
        _unknown = [.. reference.Select(row => _vocabulary.ShareOfUnknown(row.Text))];
    }

    public IEnumerable<Reading> Read(IReadOnlyList<DriftRow> window)
    {
        Reading?[] readings =
        [
            Lengths(window),
            UnknownWords(window),
            Phrases(window),
            Categories(DriftMeasure.Languages, "language", window, row => row.Language),
            Categories(DriftMeasure.Labels, "label", window, row => row.Label),
            Confidence(window),
        ];
        return readings.OfType<Reading>();
    }

    private static double Length(DriftRow row) => Vocabulary.Words(row.Text).Count;

    private Reading Lengths(IReadOnlyList<DriftRow> window)
    {
        double[] lengths = [.. window.Select(Length)];
        var (was, now) = (Words.Median(_lengths), Words.Median(lengths));
        var longer = lengths.Average() >= _lengths.Average();
        return new(
            DriftMeasure.Length,
            KolmogorovSmirnov.Test(_lengths, lengths),
            (was, now) switch
            {
                _ when was == now =>
                    $"Lengths are spread otherwise than in the reference: the median is {Words.Number(now)} words as it was, "
                        + $"the mean {Words.Number(lengths.Average())}, was {Words.Number(_lengths.Average())}.",
                _ =>
                    $"Texts are {(now > was ? "longer" : "shorter")} than those of the reference: median {Words.Number(now)} words, was {Words.Number(was)}.",
            },
            $"Texts are as long as those of the reference: median {Words.Number(now)} words, was {Words.Number(was)}.",
            Reading.Highest(window, longer ? lengths : [.. lengths.Select(length => -length)], _settings.Examples),
            Psi.OfNumbers(_lengths, lengths).Value,
            Wasserstein.Distance(_lengths, lengths)
        );
    }

    private Reading UnknownWords(IReadOnlyList<DriftRow> window)
    {
        double[] unknown = [.. window.Select(row => _vocabulary.ShareOfUnknown(row.Text))];
        double[] all = [.. _unknown, .. unknown];
        var test = PermutationTest.Test(all.Length, unknown.Length, rows => rows.Sum(row => all[row]), _settings.Draws, _settings.Seed);
        var shares =
            $"{Words.Percent(unknown.Average())} of a text's words stand in no other text of the reference, {Words.Percent(_unknown.Average())} is usual";
        return new(
            DriftMeasure.UnknownWords,
            test with
            {
                Statistic = unknown.Average(),
            },
            $"There are more unknown words: {shares}, for instance {Frequent(window)}.",
            $"There are no more unknown words than usual: {shares}.",
            Reading.Highest(window, unknown, _settings.Examples),
            Moved: unknown.Average() - _unknown.Average()
        );
    }

    private string Frequent(IReadOnlyList<DriftRow> window) =>
        string.Join(
            ", ",
            window
                .SelectMany(row => _vocabulary.UnknownOf(row.Text))
                .CountBy(word => word)
                .OrderByDescending(pair => pair.Value)
                .Take(UnknownShown)
                .Select(pair => $"“{pair.Key}”")
        );

    private Reading Phrases(IReadOnlyList<DriftRow> window)
    {
        var result = _phrases.Test([.. window.Select(row => row.Text)], _settings.Draws, _settings.Seed);
        var grown = string.Join(
            ", ",
            result.Grown.Select(g =>
                $"“{g.Phrase}” in {Words.Percent((double)g.InWindow / window.Count)} of texts, was {Words.Percent((double)g.InReference / _reference.Count)}"
            )
        );
        return new(
            DriftMeasure.Phrases,
            new(result.Statistic, result.PValue),
            $"Some words are more frequent than they were: {grown}.",
            $"No word is more frequent than by chance; the largest change is {grown}.",
            Reading.Highest(window, result.Unlikeness, _settings.Examples)
        );
    }

    private Reading? Categories(DriftMeasure measure, string noun, IReadOnlyList<DriftRow> window, Func<DriftRow, string?> of)
    {
        DriftRow[] rows = [.. window.Where(row => of(row) is not null)];
        string[] old = [.. _reference.Select(of).OfType<string>()];
        if (Math.Min(old.Length, rows.Length) < DriftSettings.LeastRows)
        {
            return null;
        }

        string[] now = [.. rows.Select(row => of(row)!)];
        var (was, are) = (old.CountBy(name => name).ToDictionary(), now.CountBy(name => name).ToDictionary());
        double Was(string name) => (double)was.GetValueOrDefault(name) / old.Length;
        double Is(string name) => (double)are.GetValueOrDefault(name) / now.Length;
        // Shares that moved the most for their size, as χ² weighs them.
        string[] moved =
        [
            .. was
                .Keys.Union(are.Keys)
                .OrderByDescending(name => Math.Pow(Is(name) - Was(name), 2) / (Is(name) + Was(name)))
                .Take(LabelsShown),
        ];
        var told = string.Join(
            ", ",
            moved.Select(name => $"“{name}” {Words.Percent(Is(name))} of the rows, was {Words.Percent(Was(name))}")
        );
        return new(
            measure,
            ChiSquare.TestOfFrequent(old, now),
            $"{noun[..1].ToUpperInvariant()}{noun[1..]}s have other shares: {told}.",
            $"{noun[..1].ToUpperInvariant()}{noun[1..]}s have their usual shares; the largest change is {told}.",
            Reading.Highest(rows, [.. now.Select(name => Is(name) - Was(name))], _settings.Examples),
            Psi.OfCategories(old, now).Value
        );
    }

    private Reading? Confidence(IReadOnlyList<DriftRow> window)
    {
        DriftRow[] rows = [.. window.Where(row => row.Confidence is not null)];
        double[] old = [.. _reference.Select(row => row.Confidence).OfType<double>()];
        if (Math.Min(old.Length, rows.Length) < DriftSettings.LeastRows)
        {
            return null;
        }

        double[] now = [.. rows.Select(row => row.Confidence!.Value)];
        var medians = $"median confidence {Words.Percent(Words.Median(now))}, was {Words.Percent(Words.Median(old))}";
        return new(
            DriftMeasure.Confidence,
            KolmogorovSmirnov.Test(old, now),
            $"The model is {(now.Average() < old.Average() ? "less" : "more")} sure than it was: {medians}.",
            $"The model is as sure as it was: {medians}.",
            Reading.Highest(rows, [.. now.Select(confidence => -confidence)], _settings.Examples),
            Psi.OfNumbers(old, now).Value,
            Wasserstein.Distance(old, now)
        );
    }
}
