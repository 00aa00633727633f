using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace WebTrainer.Data;

/// <summary>Databases of before version 0.1.0, whose eight migrations became the first one of that version.</summary>
public static class EarlierHistory
{
    /// <summary>The last of those migrations; it left the tables as the first one of 0.1.0 makes them.</summary>
    private const string Last = "20261128191913_SeparatedPeople";

    /// <summary>Notes in a database of the last earlier state that it has the first migration. Does nothing to others.</summary>
    /// <returns>Why the database can't be taken over, in a sentence; null where it was, or needs not be.</returns>
    public static async Task<string?> TakeOverAsync(AppDb db, CancellationToken cancellationToken)
    {
        var first = db.Database.GetMigrations().First();
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (applied.Count == 0 || applied.Contains(first))
        {
            return null;
        }

        if (!applied.Contains(Last))
        {
            return $"The data folder is of a state before 28 November 2026 ({applied[^1]}). Start that day's state on it once, then this version. Nothing was changed.";
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"""DELETE FROM "__EFMigrationsHistory" """, cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""INSERT INTO "__EFMigrationsHistory" VALUES ({first}, {ProductInfo.GetVersion()})""",
            cancellationToken
        );
        await transaction.CommitAsync(cancellationToken);
        return null;
    }
}
