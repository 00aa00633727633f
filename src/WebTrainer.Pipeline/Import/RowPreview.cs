namespace WebTrainer.Pipeline.Import;

/// <summary>What an import would begin with.</summary>
public sealed record RowPreview(IReadOnlyList<CanonicalRow> Rows, IReadOnlyList<RowProblem> Problems);
