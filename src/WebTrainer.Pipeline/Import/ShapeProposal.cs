namespace WebTrainer.Pipeline.Import;

/// <summary>What the first rows of a file look like.</summary>
/// <param name="Fields">All fields seen, for a person to choose from.</param>
/// <param name="Mapping">The proposal; null where nothing fits and a person must choose.</param>
/// <param name="Refusal">Why this kind of data can't be imported yet, in a sentence; null where it can.</param>
public sealed record ShapeProposal(IReadOnlyList<string> Fields, ColumnMapping? Mapping, string? Refusal = null);
