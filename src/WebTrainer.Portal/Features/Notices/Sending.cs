namespace WebTrainer.Portal.Features.Notices;

/// <summary>Why something did not arrive.</summary>
/// <param name="IsFinal">No other try can help: a person must do something first.</param>
public sealed record SendProblem(string Sentence, bool IsFinal = false);
