using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Operating;

/// <summary>What whoever watches over the server is told of it.</summary>
public sealed class HealthTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_NamesEachPartThatFails_AndLiveGoesOn()
    {
        await using var portal = new WebPortal();
        using var client = portal.CreateClient();
        Assert.Equal((HttpStatusCode.OK, "ok", "ok", "ok"), await ReadyAsync(client));

        var folder = portal.Services.GetRequiredService<DataFolder>();
        File.Delete(Path.Combine(folder.Root, "worker.dll"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ok", "ok", "The worker's program is gone."), await ReadyAsync(client));

        Directory.Delete(folder.Temporary, recursive: true);
        await using (var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct))
        {
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE AspNetUsers RENAME TO Gone", Ct);
        }

        Assert.Equal(
            (
                HttpStatusCode.ServiceUnavailable,
                "The database does not answer.",
                "The data folder can't be written.",
                "The worker's program is gone."
            ),
            await ReadyAsync(client)
        );
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live", Ct)).StatusCode);
    }

    private static async Task<(HttpStatusCode Status, string? Database, string? Folder, string? Worker)> ReadyAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/health/ready", Ct);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct));
        var parts = document.RootElement.GetProperty("parts");
        return (
            answer.StatusCode,
            parts.GetProperty("database").GetString(),
            parts.GetProperty("data folder").GetString(),
            parts.GetProperty("worker").GetString()
        );
    }
}
