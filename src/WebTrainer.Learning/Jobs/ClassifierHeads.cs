using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Makes of a spec's words the head that an encoder gets.</summary>
internal static class ClassifierHeads
{
    /// <summary>The one score of a number has a name, as every score has.</summary>
    private const string NumberName = "number";

    /// <param name="classifier">The spec's words: kind of the answers, head, dropout.</param>
    /// <param name="folder">The encoder's.</param>
    /// <param name="labels">In the order of the scores; empty for a number.</param>
    public static HeadConfig Of(ClassifierSpec classifier, string folder, IReadOnlyList<string> labels)
    {
        var head = classifier.Head == ClassifierHead.Own ? OwnOf(folder) : classifier.Head;
        return new HeadConfig
        {
            Labels = classifier.Kind == ClassificationKind.Number ? [NumberName] : labels,
            Kind = head == ClassifierHead.Family ? HeadKind.Family : HeadKind.Linear,
            Pooling =
                head == ClassifierHead.Mean ? PoolingKind.Mean
                : head == ClassifierHead.Family && HeadConfig.IsClassifier(folder) ? HeadConfig.Read(folder).Pooling
                : PoolingKind.Cls,
            Dropout = classifier.Dropout,
            Problem = classifier.Kind switch
            {
                ClassificationKind.SeveralLabels => ProblemKind.MultiLabel,
                ClassificationKind.Number => ProblemKind.Regression,
                _ => ProblemKind.SingleLabel,
            },
        };
    }

    /// <summary>The folder has the very head that was asked for, labels and all: its weights are gone on from.</summary>
    public static bool IsOfFolder(ClassifierSpec classifier, HeadConfig wanted, string folder) =>
        classifier.Head == ClassifierHead.Own
        && HeadConfig.IsClassifier(folder)
        && HeadConfig.Read(folder) is var own
        && own.Kind == wanted.Kind
        && own.Pooling == wanted.Pooling
        && own.Problem == wanted.Problem
        && own.Labels.SequenceEqual(wanted.Labels);

    /// <summary>A classifier's folder keeps its kind of head; an encoder of sentences is read by the mean, as most were trained.</summary>
    private static ClassifierHead OwnOf(string folder) =>
        HeadConfig.IsClassifier(folder) && HeadConfig.Read(folder).Kind == HeadKind.Family ? ClassifierHead.Family
        : SentenceSettings.Read(folder).Pooling == PoolingKind.Cls ? ClassifierHead.First
        : ClassifierHead.Mean;
}
