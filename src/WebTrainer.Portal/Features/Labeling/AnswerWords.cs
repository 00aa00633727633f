using MudBlazor;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Questions, answers and states in the words of those who label.</summary>
public static class AnswerWords
{
    /// <summary>Characters of a marked stretch that are shown.</summary>
    private const int MostOfMark = 30;

    public static string Kind(QuestionKind kind) =>
        kind switch
        {
            QuestionKind.Choose => "One label",
            QuestionKind.ChooseMany => "Several labels",
            QuestionKind.Rate => "Rating",
            QuestionKind.YesNo => "Yes or no",
            QuestionKind.Text => "Free text",
            QuestionKind.Rewrite => "Better response",
            QuestionKind.Spans => "Marks in the text",
            QuestionKind.Rank => "Ranking",
            QuestionKind.BestOfTwo => "Best of two",
            QuestionKind.Links => "Links between marks",
            _ => "Rating of each turn",
        };

    /// <summary>What a task asks, in a few words.</summary>
    public static string Asks(IReadOnlyList<Question> questions) =>
        string.Join(", ", questions.Select(q => Kind(q.Kind)).Distinct().Take(3)) + (questions.Count > 3 ? ", …" : "");

    /// <summary>A stored answer as people read it.</summary>
    public static string Answer(Question question, string value) =>
        question.Kind switch
        {
            QuestionKind.YesNo => value == "yes" ? "Yes" : "No",
            QuestionKind.BestOfTwo => value switch
            {
                Preference.First => "The first",
                Preference.Second => "The second",
                Preference.Tie => "Equally good",
                _ => "Both bad",
            },
            QuestionKind.ChooseMany or QuestionKind.TurnRatings => string.Join(
                ", ",
                System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement[]>(value)!.Select(v => v.ToString())
            ),
            QuestionKind.Rank => string.Join(
                " › ",
                System
                    .Text.Json.JsonSerializer.Deserialize<string[]>(value)!
                    .Select(v => question.Options.Count > 0 ? v : Letter(int.Parse(v, System.Globalization.CultureInfo.InvariantCulture)))
            ),
            QuestionKind.Spans => string.Join(
                ", ",
                System
                    .Text.Json.JsonSerializer.Deserialize<SpanMark[]>(value, System.Text.Json.JsonSerializerOptions.Web)!
                    .Select(s => $"{s.Label} {s.Start}–{s.End}")
            ),
            QuestionKind.Links => string.Join(
                ", ",
                System
                    .Text.Json.JsonSerializer.Deserialize<SpanLink[]>(value, System.Text.Json.JsonSerializerOptions.Web)!
                    .Select(link =>
                        $"{link.From.Label} {link.From.Start}–{link.From.End} {link.Label} {link.To.Label} {link.To.Start}–{link.To.End}"
                    )
            ),
            _ => value,
        };

    /// <summary>The words that a mark stands on, with its label.</summary>
    public static string Mark(SpanMark mark, string text) =>
        mark.End <= text.Length ? $"{text[mark.Start..Math.Min(mark.End, mark.Start + MostOfMark)]}: {mark.Label}" : mark.Label;

    public static string Letter(int place) => ((char)('A' + place)).ToString();

    public static string AskedOf(TaskRules rules) =>
        rules.Overlap == 1
            ? "One person answers each item; somebody else approves it."
            : $"{rules.Overlap} people answer each item, independently and blind.";

    public static string Order(ItemOrder order) =>
        order switch
        {
            ItemOrder.Random => "Shuffled, for each person another way",
            ItemOrder.AsGiven => "As the rows are",
            ItemOrder.Uncertainty => "What a model is least sure of first",
            ItemOrder.Disagreement => "What people disagree on first",
            _ => "What differs most first",
        };

    public static string State(ItemState state) =>
        state switch
        {
            ItemState.Open => "Open",
            ItemState.InReview => "To decide",
            ItemState.Agreed => "Agreed",
            _ => "Decided",
        };

    public static string StateIcon(ItemState state) =>
        state switch
        {
            ItemState.Open => Icons.Material.Outlined.RadioButtonUnchecked,
            ItemState.InReview => Icons.Material.Outlined.RateReview,
            ItemState.Agreed => Icons.Material.Outlined.Groups,
            _ => Icons.Material.Outlined.CheckCircle,
        };

    public static Color StateColor(ItemState state) =>
        state switch
        {
            ItemState.Open => Color.Default,
            ItemState.InReview => Color.Info,
            _ => Color.Success,
        };
}
