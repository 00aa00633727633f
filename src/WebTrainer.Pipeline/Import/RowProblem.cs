namespace WebTrainer.Pipeline.Import;

/// <summary>Why a row was left out.</summary>
/// <param name="Line">Line of the source file, counted from 1.</param>
/// <param name="Key">Field that is at fault; null where the whole row is.</param>
/// <param name="Message">A sentence for the person who gave the file.</param>
public sealed record RowProblem(long Line, string? Key, string Message);

/// <summary>Broken rows of one import: all counted, the first of them listed.</summary>
internal sealed class ProblemLog(int maxListed)
{
    private readonly List<RowProblem> _listed = [];

    public IReadOnlyList<RowProblem> Listed => _listed;
    public long Total { get; private set; }

    public void Add(RowProblem problem)
    {
        Total++;
        if (_listed.Count < maxListed)
        {
            _listed.Add(problem);
        }
    }
}

/// <summary>Ends the reading of one row; caught where rows are read and turned into a <see cref="RowProblem"/>.</summary>
internal sealed class BrokenRowException(string? key, string message) : Exception(message)
{
    public string? Key { get; } = key;
}
