using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Robustness;

/// <summary>Another process holds the database for long: people get an answer or a plain error soon, and nothing is half done.</summary>
public sealed class LockedDatabaseTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DatabaseIsLocked_ReadsAreAnswered_WritesAreRefusedSoon_AndGoOnAfterwards()
    {
        var (client, userId) = await portal.PersonAsync("locked");
        using var person = client;
        // notes the token's use, which is a write
        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/api/v1/projects", Ct)).StatusCode);
        await using var other = new SqliteConnection($"Data Source={portal.Services.GetRequiredService<DataFolder>().Database}");
        await other.OpenAsync(Ct);
        await ExecuteAsync(other, "BEGIN IMMEDIATE");
        var clock = Stopwatch.StartNew();
        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/api/v1/projects", Ct)).StatusCode);
        var refused = await person.PostAsJsonAsync("/api/v1/projects", new { name = "Kept", description = "" }, Ct);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("busy", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        await ExecuteAsync(other, "ROLLBACK");
        Assert.Equal(
            HttpStatusCode.Created,
            (await person.PostAsJsonAsync("/api/v1/projects", new { name = "Kept", description = "" }, Ct)).StatusCode
        );
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        Assert.Equal(1, await db.Memberships.CountAsync(m => m.UserId == userId, Ct));
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Ct);
    }
}
