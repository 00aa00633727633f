using System.Text.Json;
using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// Finds rows by an SQL condition that a person wrote. It runs on a copy of the texts in a database of its own that can open no file, load nothing,
/// change no setting, and ends at its limits; labels are not in it, since a rule that reads the answer is no rule.
/// </summary>
public sealed class RowConditions(ImportLimits limits)
{
    public const int MaxLength = 10_000;

    /// <summary>Longer conditions are a mistake: the largest versions take a second.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    public RowConditions()
        : this(new ImportLimits())
    {
    }

    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="condition">On the columns <c>text</c>, <c>system</c>, <c>response</c> and <c>line</c>.</param>
    /// <returns>Ids of the rows for which it holds.</returns>
    /// <exception cref="DataProblemException">It is no condition, or took too long; the message says which.</exception>
    public async Task<IReadOnlySet<string>> MatchAsync(string version, string condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        if (condition.Length > MaxLength) throw new DataProblemException($"An SQL condition has at most {MaxLength} characters.");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            return await Task.Run(() => Match(version, condition, timeout.Token), timeout.Token);
        }
        catch (Exception ex) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DataProblemException($"The SQL condition took longer than {Timeout.TotalSeconds:0} seconds and was stopped.", cause: ex);
        }
        catch (DuckDBException ex)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new DataProblemException($"This is no SQL condition on text, system, response and line: {ex.Message}", cause: ex);
        }
    }

    private HashSet<string> Match(string version, string condition, CancellationToken cancellationToken)
    {
        using var scratch = new ScratchFolder(Path.Combine(Path.GetTempPath(), $"condition-{Guid.NewGuid():N}"));
        using var connection = DuckDb.Open(limits.DuckDbMemoryMiB, scratch.Path);
        DuckDb.Execute(
            connection,
            $"""
            CREATE TABLE rows AS SELECT id, line, system, prompt AS text, CASE WHEN response = label THEN NULL ELSE response END AS response FROM {DuckDb.Parquet(version)};
            SET enable_external_access = false; SET lock_configuration = true
            """,
            cancellationToken);
        var query = $"SELECT id FROM rows WHERE (\n{condition}\n)";
        RefuseMoreThanASelect(connection, query);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var cancelling = cancellationToken.Register(command.Cancel);
        using var reader = command.ExecuteReader();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read()) ids.Add(reader.GetString(0));
        return ids;
    }

    /// <summary>A condition that closes its bracket could bring statements of its own; DuckDB's parser says how many there are.</summary>
    private static void RefuseMoreThanASelect(DuckDBConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT CAST(json_serialize_sql(CAST($query AS VARCHAR)) AS VARCHAR)";
        command.Parameters.Add(new DuckDBParameter("query", query));
        using var parsed = JsonDocument.Parse((string)command.ExecuteScalar()!);
        if (parsed.RootElement.GetProperty("error").GetBoolean())
            throw new DataProblemException($"This is no SQL condition on text, system, response and line: {parsed.RootElement.GetProperty("error_message").GetString()}");
        if (parsed.RootElement.GetProperty("statements").GetArrayLength() != 1)
            throw new DataProblemException("Write one SQL condition, and no statement behind it.");
    }
}
