using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Auditing;
using WebTrainer.Portal.Access;
using WebTrainer.Proof;

namespace WebTrainer.Portal.Hosting;

/// <summary>What happens once, before the first request is answered.</summary>
public static class StartUp
{
    /// <exception cref="StartFailureException">The data folder is older than what this version takes over.</exception>
    public static async Task MigrateAsync(this WebApplication app)
    {
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync();
        if (await EarlierHistory.TakeOverAsync(db, CancellationToken.None) is { } problem)
        {
            throw new StartFailureException(problem);
        }

        await db.Database.MigrateAsync();
        var (keys, now) = (app.Services.GetRequiredService<ProofKeys>(), app.Services.GetRequiredService<TimeProvider>().GetUtcNow());
        await AuditSealing.SealEarlierAsync(db, keys, now, CancellationToken.None);
    }

    /// <summary>Asks for the addresses before the host does: its own refusal comes with pages of stack trace.</summary>
    /// <exception cref="StartFailureException">Another program has one of them.</exception>
    public static void EnsureAddressesAreFree(this WebApplication app)
    {
        foreach (
            var address in (app.Configuration["Urls"] ?? "")
                .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(BindingAddress.Parse)
        )
        {
            if (
                address.IsUnixPipe
                || address.Port == 0
                || !IPAddress.TryParse(address.Host == "localhost" ? "127.0.0.1" : address.Host.Trim('[', ']'), out var ip)
            )
            {
                continue;
            }

            using var probe = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(ip, address.Port));
            }
            catch (SocketException ex)
                when (ex.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable or SocketError.AccessDenied)
            {
                throw new StartFailureException(
                    $"The address {address} can't be used: {ex.Message.ToLowerInvariant()}. Stop the other program, or choose another address with --urls http://127.0.0.1:PORT.",
                    ex
                );
            }
        }
    }

    /// <summary>Says where the portal is and, while nobody has an account, how to make the first one.</summary>
    public static void Announce(this WebApplication app)
    {
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var address = app.Urls.FirstOrDefault() ?? "";
            using var db = app.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();
            Console.WriteLine($"WebTrainer is up: {address}");
            var auth = app.Services.GetRequiredService<IOptions<AuthOptions>>().Value;
            if (auth.HasDirectory && !auth.LocalAdministrators)
            {
                return; // the directory says who administers
            }

            if (!db.Users.Any())
            {
                Console.WriteLine(
                    $"Nobody has an account yet. Make the administrator's here (works once): {address}/account/setup/{app.Services.GetRequiredService<SetupLink>().Issue()}"
                );
            }
        });
    }
}
