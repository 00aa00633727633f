using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using WebTrainer.Data.Auditing;
using WebTrainer.Data.Files;
using WebTrainer.Proof;

namespace WebTrainer.Data;

public static class DataServices
{
    /// <summary>Registers the database (a context per operation, by factory), the data folder and the file store.</summary>
    public static IServiceCollection AddWebTrainerData(this IServiceCollection services, DataFolder folder)
    {
        services.AddSingleton(folder);
        services.AddSingleton<FileStore>();
        services.TryAddSingleton(AuditFiles.In(folder));
        services.TryAddSingleton(provider => provider.GetRequiredService<AuditFiles>().OpenKeys(folder));
        services.AddDbContextFactory<AppDb>(
            (provider, options) =>
                options
                    .UseSqlite($"Data Source={folder.Database};Default Timeout={SqlitePragmas.PatienceSeconds}")
                    .AddInterceptors([
                        new SqlitePragmas(),
                        new AuditFunctions(provider.GetRequiredService<ProofKeys>()),
                        new AuditEncryption(provider.GetRequiredService<ProofKeys>()),
                        AuditDecryption.Instance,
                        .. provider.GetServices<ISaveChangesInterceptor>(),
                    ])
                    // SQLite changes a column by making its table anew, outside a transaction; nobody who starts a portal can help it.
                    .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.NonTransactionalMigrationOperationWarning))
        );
        return services;
    }
}
