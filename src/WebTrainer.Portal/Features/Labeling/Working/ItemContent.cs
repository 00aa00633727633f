using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>The texts of a row that people judge; what would tell the answer is left out here, before any page sees it.</summary>
/// <param name="Turns">The conversation, where it has several answers to rate; else empty.</param>
public sealed record ItemContent(string? System, string Prompt, string? Response, IReadOnlyList<ChatMessage> Turns)
{
    public static ItemContent Of(CanonicalRow row, IReadOnlyList<Question> questions)
    {
        // Beside responses that are compared, the row's own would tell which of them it is.
        var tells =
            row.Response is null
            || questions.Any(q => q.Kind == QuestionKind.BestOfTwo || q is { Kind: QuestionKind.Rank, Options.Count: 0 })
            || row.Response == row.Label
            || questions.Any(q => q.Kind is QuestionKind.Choose or QuestionKind.ChooseMany && q.Options.Contains(row.Response));
        var turns = questions.Any(q => q.Kind == QuestionKind.TurnRatings) ? row.Messages.Where(m => m.Role != "system").ToList() : [];
        return new ItemContent(row.System, row.Prompt, tells ? null : row.Response, turns);
    }

    /// <param name="candidates">Responses that the item compares.</param>
    public ItemShape Shape(int candidates) => new(Prompt.Length, Turns.Count(m => m.Role == "assistant"), candidates);
}
