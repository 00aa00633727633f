using System.Collections.Concurrent;

namespace WebTrainer.Pipeline.Queries;

/// <summary>What a query gave.</summary>
/// <param name="IsCut">Whether there was more than is given.</param>
public sealed record SqlResult(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, bool IsCut, double Seconds);

/// <summary>
/// Lets people ask a version anything in SQL, and nothing else of the server: one SELECT over its only table, <c>rows</c>.
/// </summary>
public sealed class SqlBox(QueryProcess process)
{
    /// <summary>UTF-16 units of a query.</summary>
    public const int MaxQueryLength = 20_000;

    private readonly ConcurrentDictionary<string, int> _asking = new(StringComparer.Ordinal);

    /// <summary>Rows of an answer that are given; more are cut off (<see cref="SqlResult.IsCut"/>).</summary>
    public int MaxRows => process.Options.Rows;

    /// <param name="person">Who asks: nobody takes the places of all others.</param>
    /// <param name="version">Path of the version.</param>
    /// <exception cref="DataProblemException">The query is wrong, takes too long, or asks for what it may not.</exception>
    public async Task<SqlResult> QueryAsync(string person, string version, string query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (string.IsNullOrWhiteSpace(query) || query.Length > MaxQueryLength)
        {
            throw new DataProblemException($"Write a query of at most {MaxQueryLength:N0} characters.");
        }

        if (!File.Exists(version))
        {
            throw new FileNotFoundException("The dataset version is missing.", version);
        }

        try
        {
            if (_asking.AddOrUpdate(person, 1, (_, asking) => asking + 1) > process.Options.OfPerson)
            {
                throw new DataProblemException(
                    $"{process.Options.OfPerson} of your queries are under way already. Wait until one has ended."
                );
            }

            return await AskAsync(version, query, cancellationToken);
        }
        finally
        {
            _asking.AddOrUpdate(person, 0, (_, asking) => asking - 1);
        }
    }

    private async Task<SqlResult> AskAsync(string version, string query, CancellationToken cancellationToken)
    {
        var (columns, rows) = ((IReadOnlyList<string>)[], new List<IReadOnlyList<string?>>());
        var end = await process.RunAsync(
            version,
            QueryColumns.All,
            query,
            process.Options.Rows,
            process.Options.AnswerBytes,
            line =>
            {
                if (line.Columns is { } names)
                {
                    columns = names;
                }
                else if (line.Row is { } row)
                {
                    rows.Add(row);
                }
            },
            cancellationToken
        );
        return new SqlResult(columns, rows, end.IsCut, end.Seconds);
    }
}
