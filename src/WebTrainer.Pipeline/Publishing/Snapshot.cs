using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Publishing;

/// <summary>What workers read of a version.</summary>
/// <param name="Files">The splits with their hashes, and the closed list of labels where the data is classification.</param>
/// <param name="Unanswered">Rows left out because nobody has answered or labelled them.</param>
public sealed record Snapshot(DatasetFiles Files, long Unanswered);
