namespace WebTrainer.Portal.Features.Finding;

/// <summary>Something that the palette leads to.</summary>
/// <param name="Kind">What it is, in a word: "run".</param>
/// <param name="Title">Its own name.</param>
/// <param name="Within">Where it is: the project's name, or the help.</param>
public sealed record Found(string Kind, string Title, string Within, string Address);
