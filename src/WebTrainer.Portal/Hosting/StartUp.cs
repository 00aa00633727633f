using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Hosting;

/// <summary>What happens once, before the first request is answered.</summary>
public static class StartUp
{
    public static async Task MigrateAsync(this WebApplication app)
    {
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync();
        await db.Database.MigrateAsync();
    }

    /// <summary>Says where the portal is and, while nobody has an account, how to make the first one.</summary>
    public static void Announce(this WebApplication app)
    {
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var address = app.Urls.FirstOrDefault() ?? "";
            using var db = app.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();
            Console.WriteLine($"WebTrainer is up: {address}");
            if (!db.Users.Any())
                Console.WriteLine($"Nobody has an account yet. Make the administrator's here (works once): {address}/account/setup/{app.Services.GetRequiredService<SetupLink>().Issue()}");
        });
    }
}
