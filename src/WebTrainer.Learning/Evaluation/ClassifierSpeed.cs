using System.Diagnostics;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Planning;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Measures how fast a classifier answers real texts: one at a time, and many at once.</summary>
internal static class ClassifierSpeed
{
    private const int Texts = 64,
        Together = 256;

    /// <returns>A text's whole answer is its first token; there is no next one.</returns>
    public static SpeedFigures Measure(
        string name,
        string device,
        LoadedClassifier classifier,
        IReadOnlyList<DatasetRow> rows,
        CancellationToken cancellationToken
    )
    {
        List<TokenRow> texts =
        [
            .. rows.Take(Together)
                .Select(row => classifier.Encoder.Encode(row.Id, classifier.Encoder.Input.TextOf(row.Messages.SkipLast(1)))),
        ];
        double Time(IReadOnlyList<TokenRow> asked)
        {
            var watch = Stopwatch.StartNew();
            ClassifierScores.Of(classifier.Model, asked, classifier.PaddingId, progress: null, cancellationToken);
            return watch.Elapsed.TotalSeconds;
        }

        AvailableMemory.ResetPeak();
        Time([texts[0]]); // the first call loads what later ones find loaded
        List<double> alone = [.. texts.Take(Texts).Select(text => Time([text])).Order()];
        var together = Time(texts);
        return new(
            name,
            device,
            At(alone, 0.5),
            At(alone, 0.95),
            0,
            0,
            alone.Count / alone.Sum(),
            texts.Count / together,
            AvailableMemory.OfProcess().Peak,
            null
        )
        {
            OfTexts = true,
        };
    }

    private static double At(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];
}
