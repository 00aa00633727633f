namespace WebTrainer.Pipeline.Queries;

/// <summary>
/// Finds rows by an SQL condition that a person wrote, in the same confinement as whole queries; labels are not in it, since a rule that
/// reads the answer is no rule.
/// </summary>
public sealed class RowConditions(QueryProcess process)
{
    private const int MaxLength = 10_000;

    /// <summary>Bytes of the ids of all rows of the largest versions.</summary>
    private const int MaxIdBytes = 1 << 30;

    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="condition">On the columns <c>text</c>, <c>system</c>, <c>response</c> and <c>line</c>.</param>
    /// <returns>Ids of the rows for which it holds.</returns>
    /// <exception cref="DataProblemException">It is no condition, or took too long; the message says which.</exception>
    public async Task<IReadOnlySet<string>> MatchAsync(string version, string condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        if (condition.Length > MaxLength)
        {
            throw new DataProblemException($"An SQL condition has at most {MaxLength} characters.");
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var end = await process.RunAsync(
                version,
                QueryColumns.Texts,
                $"SELECT id FROM rows WHERE (\n{condition}\n)",
                int.MaxValue,
                MaxIdBytes,
                line =>
                {
                    if (line.Row is [{ } id, ..])
                    {
                        ids.Add(id);
                    }
                },
                cancellationToken
            );
            if (end.IsCut)
            {
                throw new DataProblemException("it holds for more rows than can be told.");
            }
        }
        catch (DataProblemException problem)
        {
            throw new DataProblemException(
                $"This SQL condition on text, system, response and line can't be used: {problem.Message}",
                cause: problem
            );
        }

        return ids;
    }
}
