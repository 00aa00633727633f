using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Hosting.Backups;

/// <summary>What looking through a data folder gave.</summary>
/// <param name="Files">Immutable files whose bytes were read.</param>
/// <param name="Jobs">Jobs whose folders were looked for.</param>
/// <param name="Findings">A sentence for each thing that is wrong; empty for a whole folder.</param>
public sealed record FolderReport(int Files, int Jobs, IReadOnlyList<string> Findings);

/// <summary>
/// Looks through a data folder, whether a portal is up on it or not: the database by SQLite's own checks, each immutable file against its
/// hash, and whether all is there that the database names.
/// </summary>
public sealed partial class FolderCheck
{
    private readonly DataFolder _data;
    private readonly FileStore _store;
    private readonly List<string> _findings = [];
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);

    private FolderCheck(DataFolder data) => (_data, _store) = (data, new FileStore(data));

    /// <exception cref="StartFailureException">It holds no database, or one that can't be read at all.</exception>
    public static FolderReport Look(DataFolder data, CancellationToken cancellationToken)
    {
        if (!File.Exists(data.Database))
        {
            throw new StartFailureException(
                $"The folder {data.Root} holds no data yet. Name the right one with {DataFolders.Variable}=/some/folder."
            );
        }

        try
        {
            // The database first: what is discarded while files are read is then not looked for.
            using var connection = new SqliteConnection($"Data Source={data.Database};Mode=ReadOnly;Pooling=False");
            connection.Open();
            using var moment = connection.BeginTransaction(deferred: true);
            return new FolderCheck(data).Look(connection, cancellationToken);
        }
        catch (Exception fault) when (fault is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException($"The data folder {data.Root} can't be checked: {fault.Message}", fault);
        }
    }

    private FolderReport Look(SqliteConnection connection, CancellationToken cancellationToken)
    {
        LookAtDatabase(connection);
        var jobs = LookForRunFolders(connection);
        var named = NamedFiles(connection).ToList();
        LookAtFiles(cancellationToken);
        foreach (var (sha256, whose) in named.Where(file => !_whole.Contains(file.Sha256)).DistinctBy(file => file.Sha256))
        {
            if (!File.Exists(_store.PathOf(sha256)))
            {
                _findings.Add($"files/{sha256[..2]}/{sha256} is missing: {whose} needs it.");
            }
        }

        return new FolderReport(_whole.Count, jobs, _findings);
    }

    private void LookAtDatabase(SqliteConnection connection)
    {
        foreach (var row in Rows(connection, "PRAGMA integrity_check"))
        {
            if (row.GetString(0) is not "ok" and var fault)
            {
                _findings.Add($"The database is damaged: {fault}.");
            }
        }

        foreach (var row in Rows(connection, "PRAGMA foreign_key_check"))
        {
            _findings.Add($"The database is damaged: a row of {row.GetString(0)} names one of {row.GetString(2)} that is not there.");
        }
    }

    private int LookForRunFolders(SqliteConnection connection)
    {
        var jobs = 0;
        foreach (var row in Rows(connection, "SELECT Id FROM Jobs"))
        {
            jobs++;
            var folder = new RunFolder(_data.RunFolderOf(row.GetGuid(0)));
            if (!Directory.Exists(folder.Root))
            {
                _findings.Add($"runs/{Path.GetFileName(folder.Root)} is missing: the folder of a job.");
            }
        }

        return jobs;
    }

    /// <summary>Files that the database names, and whose they are.</summary>
    private static IEnumerable<(string Sha256, string Whose)> NamedFiles(SqliteConnection connection)
    {
        foreach (var row in Rows(connection, "SELECT Sha256, FileName FROM Uploads WHERE Sha256 IS NOT NULL"))
        {
            yield return (row.GetString(0), "an upload");
        }

        foreach (var row in Rows(connection, "SELECT Sha256 FROM BenchmarkFiles"))
        {
            yield return (row.GetString(0), "a benchmark");
        }

        const string versions =
            "SELECT v.Sha256, v.Number, coalesce(v.Snapshot, ''), d.Name FROM DatasetVersions v JOIN Datasets d ON d.Id = v.DatasetId";
        foreach (var row in Rows(connection, versions))
        {
            var whose = $"version {row.GetInt32(1)} of a dataset";
            yield return (row.GetString(0), whose);
            foreach (Match hash in Hash().Matches(row.GetString(2)))
            {
                yield return (hash.Value, whose);
            }
        }
    }

    private void LookAtFiles(CancellationToken cancellationToken)
    {
        foreach (var path in Directory.Exists(_data.Files) ? Directory.EnumerateFiles(_data.Files, "*", SearchOption.AllDirectories) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = Path.GetFileName(path);
            if (!Name().IsMatch(name))
            {
                continue; // made of a file and lying beside it, such as an index: it is made anew
            }

            try
            {
                using var file = File.OpenRead(path);
                if (Convert.ToHexStringLower(SHA256.HashData(file)) == name)
                {
                    _whole.Add(name);
                }
                else
                {
                    _findings.Add($"{Path.GetRelativePath(_data.Root, path)} is damaged: its bytes are not those that it was kept with.");
                }
            }
            catch (FileNotFoundException)
            {
                // Discarded while others were read.
            }
        }
    }

    private static IEnumerable<SqliteDataReader> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return reader;
        }
    }

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hash();
}
