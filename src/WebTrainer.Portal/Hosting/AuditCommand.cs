using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using WebTrainer.Data;
using WebTrainer.Data.Auditing;
using WebTrainer.Proof.Heads;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// <c>audit verify</c>, which looks through the whole log, and <c>audit prove SIZE</c>, which proves that it begins with what it was at
/// that size. Both whether a portal is up or not; settings say where keys and heads are (<c>--Audit:HeadsFile a-copy.jsonl</c>).
/// </summary>
public static class AuditCommand
{
    public const string Name = "audit";

    private const string Verify = "verify",
        Prove = "prove";
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <returns>0 for a whole log or a proof, 1 for a log that is not as it was written.</returns>
    /// <exception cref="StartFailureException">There is no log, or no keys, or the words are others.</exception>
    public static int Run(
        IReadOnlyList<string> words,
        IConfiguration configuration,
        IHostEnvironment environment,
        CancellationToken cancellationToken
    )
    {
        var folder = DataFolders.Find(configuration, environment);
        if (!File.Exists(folder.Database))
        {
            throw new StartFailureException(
                $"The folder {folder.Root} holds no data yet. Name the right one with {DataFolders.Variable}=/some/folder."
            );
        }

        var options = configuration.GetSection(AuditOptions.Section).Get<AuditOptions>() ?? new AuditOptions();
        var files = options.FilesOf(folder, environment);
        return words switch
        {
            [Verify] => VerifyLog(folder, files, cancellationToken),
            [Prove, var size] when long.TryParse(size, out var earlier) => ProveLog(folder, earlier, cancellationToken),
            _ => throw new StartFailureException(
                "Say 'audit verify', or 'audit prove SIZE' with the size of an earlier head (a line of the file of heads)."
            ),
        };
    }

    private static int VerifyLog(DataFolder folder, AuditFiles files, CancellationToken cancellationToken)
    {
        if (files.KeysText is not { Length: > 0 } && !File.Exists(files.Keys))
        {
            throw new StartFailureException($"The keys of the audit log are not in {files.Keys}. Name their file with --Audit:KeysFile.");
        }

        try
        {
            using var keys = files.OpenKeys(folder);
            var report = AuditVerifier.Verify(folder.Database, keys, new HeadFile(files.Heads), cancellationToken);
            foreach (var sentence in report.Sentences().Concat(report.Findings.Select(finding => finding.Sentence)))
            {
                Console.WriteLine(sentence);
            }

            if (report.MoreFindings > 0)
            {
                Console.WriteLine($"And {report.MoreFindings:N0} more.");
            }

            return report.IsWhole ? 0 : 1;
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StartFailureException($"The audit log can't be checked: {fault.Message}", fault);
        }
    }

    private static int ProveLog(DataFolder folder, long earlier, CancellationToken cancellationToken)
    {
        try
        {
            Console.WriteLine(JsonSerializer.Serialize(AuditConsistency.Prove(folder.Database, earlier, cancellationToken), s_json));
            return 0;
        }
        catch (ArgumentOutOfRangeException fault)
        {
            throw new StartFailureException($"The log never had {earlier:N0} entries that were sealed.", fault);
        }
        catch (SqliteException fault)
        {
            throw new StartFailureException($"The audit log can't be read: {fault.Message}", fault);
        }
    }
}
