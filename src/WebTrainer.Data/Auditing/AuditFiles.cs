using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using WebTrainer.Proof;
using WebTrainer.Proof.Heads;

namespace WebTrainer.Data.Auditing;

/// <summary>Where what proves the audit log is kept.</summary>
/// <param name="Keys">File of the server's keys; nobody else reads it.</param>
/// <param name="Heads">File that signed heads are appended to.</param>
/// <param name="KeysText">The keys themselves, where they come from the environment and lie in no file.</param>
public sealed record AuditFiles(string Keys, string Heads, string? KeysText = null)
{
    /// <summary>As without any setting: in the data folder, where who rolls that back rolls them back too.</summary>
    public static AuditFiles In(DataFolder folder) =>
        new(Path.Combine(folder.Audit, "keys.pem"), Path.Combine(folder.Audit, "heads.jsonl"));

    public HeadFile OpenHeads() => new(Heads);

    /// <summary>The keys; new ones where the log has no entry that was sealed by others.</summary>
    /// <exception cref="CryptographicException">They can't be read, or are gone though the log needs them.</exception>
    /// <exception cref="IOException">The file can't be read or written.</exception>
    public ProofKeys OpenKeys(DataFolder folder)
    {
        if (KeysText is { Length: > 0 } text)
        {
            return ProofKeys.Parse(text);
        }

        if (File.Exists(Keys))
        {
            return ProofKeyFile.Open(Keys);
        }

        if (HasSeals(folder))
        {
            throw new CryptographicException(
                $"The keys of the audit log ({Keys}) are not there, though its entries are sealed by them. Put the file back, or name the right one with Audit__KeysFile."
            );
        }

        return ProofKeyFile.Create(Keys);
    }

    private static bool HasSeals(DataFolder folder)
    {
        if (!File.Exists(folder.Database))
        {
            return false;
        }

        using var connection = new SqliteConnection($"Data Source={folder.Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = 'AuditSeals'";
        if (command.ExecuteScalar() is not 1L)
        {
            return false;
        }

        command.CommandText = "SELECT EXISTS (SELECT 1 FROM AuditSeals)";
        return command.ExecuteScalar() is 1L;
    }
}
