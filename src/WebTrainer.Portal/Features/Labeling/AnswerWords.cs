using MudBlazor;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Kinds, ratings and states in the words of those who label.</summary>
public static class AnswerWords
{
    public static IReadOnlyList<string> Points { get; } = ["1", "2", "3", "4", "5"];

    public static string OfPoints(string points) => points switch
    {
        "1" => "Wrong or harmful",
        "2" => "Poor",
        "3" => "Acceptable",
        "4" => "Good",
        _ => "Excellent",
    };

    public static string Kind(LabelKind kind) => kind switch
    {
        LabelKind.Choose => "Choose a label",
        LabelKind.Rate => "Rate the response",
        _ => "Write a better response",
    };

    /// <summary>A question to begin with; the lead makes it the team's own.</summary>
    public static string Question(LabelKind kind) => kind switch
    {
        LabelKind.Choose => "Which label fits this text best?",
        LabelKind.Rate => "How good is this response?",
        _ => "Write the response that should have been given.",
    };

    public static string AskedOf(int people) => people == 1 ? "One person answers each item." : $"{people} people answer each item, independently.";

    public static string State(ItemState state) => state switch
    {
        ItemState.Open => "Open",
        ItemState.InReview => "In review",
        _ => "Approved",
    };

    public static string StateIcon(ItemState state) => state switch
    {
        ItemState.Open => Icons.Material.Outlined.RadioButtonUnchecked,
        ItemState.InReview => Icons.Material.Outlined.RateReview,
        _ => Icons.Material.Outlined.CheckCircle,
    };

    public static Color StateColor(ItemState state) => state switch
    {
        ItemState.Open => Color.Default,
        ItemState.InReview => Color.Info,
        _ => Color.Success,
    };
}
