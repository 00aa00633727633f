using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// Rows that hold what was looked for, the best first; in the order of the file where they are more than
/// <see cref="WordIndex.MostRanked"/>.
/// </summary>
/// <param name="Positions">Where they stand in the version, from 0.</param>
/// <param name="Total">All rows that hold it.</param>
public sealed record WordHits(IReadOnlyList<long> Positions, long Total);

/// <summary>
/// An index of the words of a version in one file (SQLite FTS5): which rows hold them, not the texts themselves. The best are those in
/// which the words are rare elsewhere and many for the row's length (Okapi BM25).
/// </summary>
public static class WordIndex
{
    /// <summary>
    /// Hits that are ordered by how well they fit: words that more rows hold say little, and to weigh each row takes seconds.
    /// </summary>
    public const int MostRanked = 200_000;

    private const int ReportedRows = 5_000;

    /// <summary>
    /// Where a file of SQLite has the number that its maker gave it: four bytes, the highest first (SQLite, "Database File Format", 1.3).
    /// </summary>
    private const int PlaceOfVersion = 60;

    /// <summary>
    /// The texts of a row, in the order of the index's columns. They come folded; marks that are left are vowels of a word and part it not.
    /// </summary>
    private const string TableSql = """
        CREATE VIRTUAL TABLE rows USING fts5(system, prompt, response, label, content='', tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'")
        """;

    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="target">Path of the index. It appears whole or not at all, and takes the place of one that is there.</param>
    /// <param name="scratch">Path of a file on the same disk to make it in; gone at the end.</param>
    /// <param name="rows">Rows of the version, for the progress.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public static async Task BuildAsync(
        string version,
        string target,
        string scratch,
        long rows,
        ImportLimits limits,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            await WriteAsync(version, scratch, rows, limits, progress, cancellationToken);
            File.Move(scratch, target, overwrite: true);
        }
        catch (SqliteException e)
        {
            throw new IOException($"The index of words could not be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(scratch); // not there any more when it took its place
        }
    }

    /// <summary>Whether there is an index at this path whose texts were folded as texts are folded now.</summary>
    public static bool IsCurrent(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> version = stackalloc byte[sizeof(int)];
        file.Position = PlaceOfVersion;
        return file.ReadAtLeast(version, version.Length, throwOnEndOfStream: false) == version.Length
            && BinaryPrimitives.ReadInt32BigEndian(version) == SearchText.Version;
    }

    /// <param name="index">Path of the index.</param>
    /// <param name="skip">Hits before those asked for.</param>
    /// <exception cref="IOException">The file is no index.</exception>
    public static Task<WordHits> FindAsync(
        string index,
        WordQuery query,
        long skip,
        int take,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.Run(() => Find(index, query.ToFts5(), skip, take, cancellationToken), cancellationToken);
    }

    private static async Task WriteAsync(
        string version,
        string made,
        long rows,
        ImportLimits limits,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var connection = Open(made, SqliteOpenMode.ReadWriteCreate);
        // Nobody reads it before it is whole, and what a crash leaves of it is thrown away.
        await ExecuteAsync(
            connection,
            $"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA user_version = {SearchText.Version}; {TableSql}; BEGIN",
            cancellationToken
        );
        await using (var insert = connection.CreateCommand())
        {
            insert.CommandText =
                "INSERT INTO rows (rowid, system, prompt, response, label) VALUES ($id, $system, $prompt, $response, $label)";
            var id = insert.Parameters.Add("$id", SqliteType.Integer);
            var texts = new[] { "$system", "$prompt", "$response", "$label" }
                .Select(n => insert.Parameters.Add(n, SqliteType.Text))
                .ToArray();
            long position = 0;
            await foreach (var row in new VersionReader(limits).ReadAsync(version, cancellationToken: cancellationToken))
            {
                // FTS5 counts rows from 1 where none is said; here they begin with 1 so that no id is 0.
                id.Value = ++position;
                Set(texts[0], row.System);
                Set(texts[1], row.Prompt);
                Set(texts[2], row.Response);
                Set(texts[3], row.Label == row.Response ? null : row.Label); // a label that is the answer counts once
                insert.ExecuteNonQuery();
                if (position % ReportedRows == 0)
                {
                    progress?.Report(new WorkProgress("Indexing words", position, rows));
                }
            }
        }

        await ExecuteAsync(connection, "INSERT INTO rows(rows) VALUES ('optimize'); COMMIT", cancellationToken);
    }

    private static WordHits Find(string index, string query, long skip, int take, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = Open(index, SqliteOpenMode.ReadOnly);
            cancellationToken.ThrowIfCancellationRequested();
            using var interrupting = cancellationToken.Register(() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle));
            using var count = connection.CreateCommand();
            count.CommandText = "SELECT count(*) FROM rows WHERE rows MATCH $query";
            count.Parameters.AddWithValue("$query", query);
            var total = (long)count.ExecuteScalar()!;
            using var best = connection.CreateCommand();
            best.CommandText =
                $"SELECT rowid - 1 FROM rows WHERE rows MATCH $query ORDER BY {(total > MostRanked ? "" : "rank, ")}rowid LIMIT $take OFFSET $skip";
            best.Parameters.AddWithValue("$query", query);
            best.Parameters.AddWithValue("$take", take);
            best.Parameters.AddWithValue("$skip", skip);
            using var reader = best.ExecuteReader();
            var positions = new List<long>();
            while (reader.Read())
            {
                positions.Add(reader.GetInt64(0));
            }

            return new WordHits(positions, total);
        }
        catch (SqliteException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException($"The index of words can't be read: {e.Message}", e);
        }
    }

    private static void Set(SqliteParameter parameter, string? text) =>
        parameter.Value = text is null ? DBNull.Value : SearchText.FoldWords(text);

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = mode,
                Pooling = false,
            }.ToString()
        );
        connection.Open();
        return connection;
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
