using System.Globalization;
using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Evaluation;

/// <summary>What a classifier says of a text.</summary>
/// <param name="Text">The label, the labels with their separator between them, or the number.</param>
/// <param name="Probabilities">Of each label, in the labels' order; the number itself where there are none.</param>
/// <param name="Confidence">Of the label; null for several labels and numbers.</param>
public sealed record ClassifierAnswer(string Text, IReadOnlyList<double> Probabilities, double? Confidence)
{
    /// <summary>One of several labels is said from this probability on.</summary>
    public const double Threshold = 0.5;

    /// <param name="classifier">Says what scores mean, and what stands between several labels.</param>
    /// <param name="labels">In the order of the scores; not looked at for a number.</param>
    /// <param name="scores">The head's, of one text.</param>
    public static ClassifierAnswer Of(ClassifierSpec classifier, IReadOnlyList<string> labels, float[] scores)
    {
        var probabilities = ClassifierScores.Probabilities(classifier.Kind, scores);
        var places = PlacesOf(classifier.Kind, scores);
        return classifier.Kind switch
        {
            ClassificationKind.Number => new(scores[0].ToString("G6", CultureInfo.InvariantCulture), probabilities, null),
            ClassificationKind.SeveralLabels => new(
                string.Join(classifier.Separator, places.Select(place => labels[place])),
                probabilities,
                null
            ),
            _ => new(labels[places[0]], probabilities, probabilities[places[0]]),
        };
    }

    /// <summary>Places of the labels that are said.</summary>
    public static int[] PlacesOf(ClassificationKind kind, float[] scores) =>
        kind switch
        {
            ClassificationKind.Number => [],
            // a score of 0 is a probability of 0.5
            ClassificationKind.SeveralLabels => [.. Enumerable.Range(0, scores.Length).Where(place => scores[place] > 0)],
            _ => [Array.IndexOf(scores, scores.Max())],
        };

    /// <summary>A target as people read it, such as <c>refund</c> or <c>refund 70 %, delivery 30 %</c>.</summary>
    public static string WordsOf(RowTarget target, IReadOnlyList<string> labels)
    {
        if (target.Labels.Length == 0 && target.Shares is [var number])
        {
            return number.ToString("G6", CultureInfo.InvariantCulture);
        }

        return target.Shares.All(share => share == 1)
            ? string.Join(", ", target.Labels.Select(place => labels[place]))
            : string.Join(
                ", ",
                target
                    .Labels.Zip(target.Shares)
                    .OrderByDescending(entry => entry.Second)
                    .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{labels[entry.First]} {entry.Second * 100:0} %"))
            );
    }
}
