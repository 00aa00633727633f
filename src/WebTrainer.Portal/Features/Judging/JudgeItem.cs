namespace WebTrainer.Portal.Features.Judging;

/// <summary>One thing to be judged: a request with two answers, or with one.</summary>
/// <param name="Group">What it belongs to: the two models' names, or the one's; empty in a calibration.</param>
/// <param name="Row">The request's place among those of its group.</param>
/// <param name="Second">Null where one answer is scored.</param>
public sealed record JudgeItem(JudgeGroup Group, int Row, string Request, string First, string? Second)
{
    /// <summary>What the experts said of it, in a calibration.</summary>
    public IReadOnlyList<string> Experts { get; init; } = [];

    /// <summary>Equal answers are a tie that nobody has to be asked for.</summary>
    public bool IsPlainTie => Second is not null && First.Trim() == Second.Trim();
}

/// <param name="Second">Null where one model's answers are scored.</param>
public sealed record JudgeGroup(string First, string? Second);
