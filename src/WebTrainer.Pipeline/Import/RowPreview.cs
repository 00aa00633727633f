namespace WebTrainer.Pipeline.Import;

/// <summary>What an import would begin with.</summary>
/// <param name="Unused">What these rows hold beside what is made of them.</param>
public sealed record RowPreview(IReadOnlyList<CanonicalRow> Rows, IReadOnlyList<RowProblem> Problems, IReadOnlyList<UnusedField> Unused);
