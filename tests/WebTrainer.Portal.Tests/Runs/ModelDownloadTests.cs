using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>A download from a hub that says nothing, by the API.</summary>
public sealed class ModelDownloadTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _hub = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _hub = builder.Build();
        _hub.MapGet(
            "/api/models/team/small/tree/main",
            async (CancellationToken cancellationToken) =>
            {
                _asked.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        );
        await _hub.StartAsync(Ct);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Download_IsStopped_AndNotedOnce()
    {
        await using var portal = new WebPortal
        {
            Settings = { ["Sources:HuggingFaceAddress"] = _hub.Urls.First(), ["Sources:AllowedHosts:0"] = "127.0.0.1" },
        };
        var (client, userId) = await portal.PersonAsync("admin");
        using var admin = client;
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        await db.Users.Where(user => user.Id == userId).ExecuteUpdateAsync(user => user.SetProperty(u => u.ManagesModels, true), Ct);
        var models = $"/api/v1/projects/{await portal.ProjectAsync(userId)}/models";

        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync(models + "/downloads/small", Ct)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await admin.PostAsJsonAsync(models + "/hub", new { hubName = "team/small", name = "small" }, Ct)).StatusCode
        );
        await _asked.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        Assert.Equal(1, (await admin.GetFromJsonAsync<JsonElement>(models + "/downloads", Ct)).GetArrayLength());
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(models + "/downloads/small", Ct)).StatusCode);
        Assert.Equal(0, (await admin.GetFromJsonAsync<JsonElement>(models + "/downloads", Ct)).GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync(models + "/downloads/small", Ct)).StatusCode);
        Assert.Equal(
            ["model.download-started", "model.download-stopped"],
            await db.Audit.Where(e => e.Action.StartsWith("model.download")).OrderBy(e => e.Id).Select(e => e.Action).ToListAsync(Ct)
        );
    }
}
