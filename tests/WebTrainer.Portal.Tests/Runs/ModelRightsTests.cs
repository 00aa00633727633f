using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>Base models serve all projects: no project's lead changes them for the others.</summary>
public sealed class ModelRightsTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    private ModelLibrary Library => portal.Services.GetRequiredService<ModelLibrary>();

    [Fact]
    public async Task Lead_ChangesNoBaseModels_UntilAnAdministratorLetsThem()
    {
        var (client, leadId) = await portal.PersonAsync("lead" + Guid.NewGuid().ToString("N"));
        using var lead = client;
        var project = await portal.ProjectAsync(leadId);
        AddModel("models-right");
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.DeleteAsync($"/api/v1/projects/{project}/models/models-right", Ct)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (
                await lead.PostAsJsonAsync($"/api/v1/projects/{project}/models", new { uploadId = Guid.NewGuid(), name = "other" }, Ct)
            ).StatusCode
        );
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (
                await lead.PostAsJsonAsync($"/api/v1/projects/{project}/models/hub", new { hubName = "owner/name", name = "other" }, Ct)
            ).StatusCode
        );
        await using (var db = await OpenAsync())
        {
            Assert.Equal(
                1,
                await db.Audit.CountAsync(e => e.UserId == leadId && e.Action == "access.refused" && e.Subject == "ManageModels", Ct)
            );
        }

        var admin = await AdminAsync();
        await portal
            .Services.CreateScope()
            .ServiceProvider.GetRequiredService<UserAdministration>()
            .SetManagesModelsAsync(admin, leadId, true, Ct);
        Assert.Equal(HttpStatusCode.NoContent, (await lead.DeleteAsync($"/api/v1/projects/{project}/models/models-right", Ct)).StatusCode);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("teacher")]
    [InlineData("search")]
    [InlineData("judge")]
    [InlineData("encoder")]
    [InlineData("kept recipe")]
    public async Task Remove_OfAModelInUse_IsRefusedWithWhoUsesIt(string kind)
    {
        var admin = await AdminAsync();
        var project = await portal.ProjectAsync(admin.UserId);
        var id = "used-by-" + kind.Replace(' ', '-');
        AddModel(id);
        await using (var db = await OpenAsync())
        {
            await UseAsync(db, kind, project, id);
            await db.SaveChangesAsync(Ct);
        }

        var refusal = await Assert.ThrowsAsync<Domain.RuleViolationException>(() => Library.RemoveAsync(admin, project, id, Ct));
        Assert.Contains(
            kind switch
            {
                "teacher" => "run 1",
                "encoder" => "cleaned dataset Rows",
                _ => kind,
            },
            refusal.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(await Library.ListAsync(admin, project, Ct), model => model.Id == id);
    }

    [Fact]
    public async Task Remove_OfAModelThatNothingUses_TakesItAway()
    {
        var admin = await AdminAsync();
        var project = await portal.ProjectAsync(admin.UserId);
        AddModel("unused");
        await Library.RemoveAsync(admin, project, "unused", Ct);
        Assert.DoesNotContain(await Library.ListAsync(admin, project, Ct), model => model.Id == "unused");
    }

    [Fact]
    public async Task Gguf_IsNotForStrangers_AndNotInAFormatThatIsNone()
    {
        var (client, leadId) = await portal.PersonAsync("lead" + Guid.NewGuid().ToString("N"));
        using var lead = client;
        using var stranger = (await portal.PersonAsync("other" + Guid.NewGuid().ToString("N"))).Client;
        var address = $"/api/v1/projects/{await portal.ProjectAsync(leadId)}/models/to-download/gguf";
        AddModel("to-download");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(address, Ct)).StatusCode);
        var refused = await lead.GetAsync(address + "?weights=q3", Ct);
        Assert.Contains(
            "'q3' is no weights. It is one of f32, f16, bf16, q8, q4.",
            await refused.Content.ReadAsStringAsync(Ct),
            StringComparison.Ordinal
        );
        await using var db = await OpenAsync();
        Assert.False(await db.Audit.AnyAsync(entry => entry.Action == "model.gguf-downloaded", Ct));
    }

    private async Task UseAsync(AppDb db, string kind, Guid project, string id)
    {
        var now = DateTimeOffset.UtcNow;
        var dataset = new Dataset(project, "Rows", "somebody", now);
        var version = new DatasetVersion(
            dataset,
            1,
            kind == "encoder" ? VersionKind.Cleaned : VersionKind.Imported,
            new string('a', 64),
            1,
            1,
            "somebody",
            now
        );
        db.AddRange(dataset, version);
        var teacher = kind == "teacher" ? portal.Services.GetRequiredService<ModelCatalog>().Get(id).Path : null;
        var spec = new TrainSpec
        {
            RunId = Guid.NewGuid(),
            BaseModel = "/elsewhere",
            Objective = new ObjectiveSpec { Teacher = teacher },
        }.ToText();
        switch (kind)
        {
            case "run" or "teacher":
                db.Runs.Add(
                    new Run(
                        project,
                        1,
                        "Run",
                        version.Id,
                        kind == "run" ? id : "another",
                        spec,
                        JobSpec.Hash(spec),
                        "somebody",
                        now,
                        Guid.CreateVersion7()
                    )
                );
                break;
            case "search":
                db.Searches.Add(new SettingSearch(Guid.CreateVersion7(), project, 1, "Search", version.Id, id, "{}", "", "somebody", now));
                break;
            case "judge":
                var judge = new Judge(project, JudgeSource.Local, "somebody", now);
                judge.Change("Judge", "", id, "Be fair.", 64, 1);
                db.Judges.Add(judge);
                break;
            case "kept recipe":
                db.SavedItems.Add(
                    new SavedItem(project, SavedItemKind.Recipe, "Recipe", $$"""{"steps":[{"encoder":"{{id}}"}]}""", "somebody", now)
                );
                break;
        }

        await db.SaveChangesAsync(Ct);
        if (kind == "encoder")
        {
            await db
                .DatasetVersions.Where(v => v.Id == version.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(v => v.Recipe, $$"""{"steps":[{"encoder":"{{id}}"}]}"""), Ct);
        }
    }

    private void AddModel(string id)
    {
        var folder = Directory.CreateDirectory(Path.Combine(portal.Services.GetRequiredService<DataFolder>().Models, id)).FullName;
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            """{"architectures":["LlamaForCausalLM"],"model_type":"llama","max_position_embeddings":512}"""
        );
    }

    private async Task<Caller> AdminAsync()
    {
        var name = "admin" + Guid.NewGuid().ToString("N");
        var (client, userId) = await portal.PersonAsync(name);
        client.Dispose();
        await using var db = await OpenAsync();
        await db.Users.Where(u => u.Id == userId).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsAdmin, true), Ct);
        return new Caller(userId, name);
    }

    private Task<AppDb> OpenAsync() => portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
}
