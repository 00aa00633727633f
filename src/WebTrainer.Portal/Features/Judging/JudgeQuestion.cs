using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>One question to a judge.</summary>
/// <param name="Key">Under which its reply is kept.</param>
/// <param name="Second">Null where one answer is scored.</param>
public sealed record JudgeQuestion(string Key, string Request, string First, string? Second)
{
    /// <summary>The questions of an item: of a pair both orders, the given one first.</summary>
    public static IReadOnlyList<JudgeQuestion> Of(JudgeItem item, Guid judgeId, JudgeSettings settings)
    {
        var (request, first) = (item.Request, item.First);
        return item.Second is { } second
            ?
            [
                new(settings.KeyOf(judgeId, isPair: true, request, first, second), request, first, second),
                new(settings.KeyOf(judgeId, isPair: true, request, second, first), request, second, first),
            ]
            : [new(settings.KeyOf(judgeId, isPair: false, request, first), request, first, null)];
    }

    /// <summary>With a new mark each time: nobody who wrote an answer can know it.</summary>
    public JudgePrompt Prompt(string rubric) =>
        Second is null
            ? JudgePrompt.OfScore(rubric, Request, First, JudgePrompt.NewMark(Request, First))
            : JudgePrompt.OfPair(rubric, Request, First, Second, JudgePrompt.NewMark(Request, First, Second));
}
