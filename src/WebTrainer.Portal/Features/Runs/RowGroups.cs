using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Which training rows a private run protects together, as a file that its worker reads.</summary>
public sealed class RowGroups(FileStore files, ImportLimits limits)
{
    private const int KeptBytes = 16;

    /// <summary>The same version and column give the same file. It holds hashes in the place of names of patients and the like.</summary>
    /// <returns>Null where each row is by itself, or nothing is private.</returns>
    /// <exception cref="RuleViolationException">A training row has no value in that column.</exception>
    public async Task<DatasetFile?> OfAsync(RunRequest request, DatasetVersion version, CancellationToken cancellationToken)
    {
        if (request.Privacy is not { IsOn: true, GroupColumn: { } column })
        {
            return null;
        }

        var temporary = files.NewTemporaryPath();
        try
        {
            var rows = await WriteAsync(files.PathOf(version.Sha256), column, temporary, cancellationToken);
            var sha256 = await files.AddAsync(temporary, cancellationToken);
            return new DatasetFile(files.PathOf(sha256), sha256, rows);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<long> WriteAsync(string version, string column, string path, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(path) { NewLine = "\n" };
        long count = 0;
        await foreach (var row in new VersionReader(limits).ReadAsync(version, DataSplit.Train, cancellationToken))
        {
            if (!row.Extra.TryGetValue(column, out var value) || value.Length == 0)
            {
                throw new RuleViolationException(
                    $"The row of line {row.Line} has no '{column}', so that nobody can say whose it is. Name a column that every training row has, set such rows aside, or protect each row by itself."
                );
            }

            var group = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)).AsSpan(0, KeptBytes));
            await writer.WriteLineAsync(
                JsonSerializer.Serialize(new GroupedRow(row.Id, group), ProtocolJson.Line).AsMemory(),
                cancellationToken
            );
            count++;
        }

        return count;
    }
}
