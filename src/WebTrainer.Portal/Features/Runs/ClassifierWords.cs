using System.Globalization;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>A classifier's settings as they are shown, and the words of its choices.</summary>
public static class ClassifierWords
{
    public static string Of(ClassificationKind kind) => kind switch
    {
        ClassificationKind.OneLabel => "One label",
        ClassificationKind.SeveralLabels => "Several labels",
        _ => "A number",
    };

    public static string Of(ClassifierHead head) => head switch
    {
        ClassifierHead.Own => "The model's own, or the mean of the tokens",
        ClassifierHead.Mean => "Mean of the tokens",
        ClassifierHead.First => "First token",
        _ => "The family's, made anew",
    };

    public static string Of(ClassWeighting weights) => weights == ClassWeighting.Balanced ? "each label counts the same" : "each row counts the same";

    public static IEnumerable<Setting> Of(ClassifierSpec classifier)
    {
        yield return new("Says", Of(classifier.Kind) + (classifier.Kind == ClassificationKind.SeveralLabels ? $", with “{classifier.Separator}” between them" : ""));
        yield return new("Head", Of(classifier.Head));
        yield return new("Head's dropout", Text(classifier.Dropout));
        yield return new("Head's rate", $"{Text(classifier.HeadRate)} × the learning rate");
        yield return new("Layers' decay", Text(classifier.LayerDecay));
        yield return new("Label smoothing", Text(classifier.LabelSmoothing));
        yield return new("Weights of labels", Of(classifier.ClassWeights));
        yield return new("Probabilities of labels", classifier.SoftLabels ? "learned where rows have them" : "not used");
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
