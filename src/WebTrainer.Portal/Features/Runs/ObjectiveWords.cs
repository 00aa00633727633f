using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>What a run learns from, as the form offers it.</summary>
/// <param name="Sentence">What it does and which data it needs.</param>
public sealed record ObjectiveChoice(ObjectiveKind Kind, string Name, string Sentence)
{
    public static IReadOnlyList<ObjectiveChoice> All { get; } =
    [
        new(ObjectiveKind.Answers, "Answers", "Learns to give the answers of the rows. The usual choice."),
        new(ObjectiveKind.Preferences, "Preferences (DPO)", "Learns from pairs which of two answers people like better. Needs rows with a chosen and a rejected answer, and a base that answers already."),
        new(ObjectiveKind.Distillation, "A larger model (distillation)", "Learns the answers and, at each token, how likely a larger model of the same family finds all the others."),
        new(ObjectiveKind.Text, "Plain text (continued pretraining)", "Learns whole texts without question and answer: the language of your field before its tasks."),
    ];

    public static ObjectiveChoice Of(ObjectiveKind kind) => All.First(choice => choice.Kind == kind);
}
