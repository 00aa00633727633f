using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Labeling;

/// <summary>Labeling by HTTP: what a body says beyond what may be said is refused, and every route asks for the right.</summary>
public sealed class ApiTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bodies_WithFieldsThatAreNobodysToSet_AreRefusedByTheirName_AndChangeNothing()
    {
        var (lead, leadId, annotator, annotatorId, project, version) = await TeamAsync("mass");
        var foreign = Guid.CreateVersion7();
        foreach (
            var (name, value) in new (string, object)[]
            {
                ("id", foreign),
                ("projectId", foreign),
                ("createdBy", annotatorId),
                ("questionsVersion", 99),
                ("closedAt", DateTimeOffset.UtcNow),
                ("asignees", new[] { annotatorId }),
            }
        )
        {
            await RefusedAsync(lead, $"/api/v1/projects/{project}/labels", Body(version, annotatorId), name, value);
        }

        await using var db = await OpenAsync();
        Assert.False(await db.LabelTasks.AnyAsync(t => t.ProjectId == project, Ct));

        var created = await lead.PostAsJsonAsync($"/api/v1/projects/{project}/labels", Body(version, annotatorId), Ct);
        created.EnsureSuccessStatusCode();
        var task = (await created.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetGuid();
        var item = (
            await (
                await annotator.PostAsync($"/api/v1/projects/{project}/labels/{task}/next", null, Ct)
            ).Content.ReadFromJsonAsync<JsonElement>(Ct)
        )
            .GetProperty("item")
            .GetProperty("id")
            .GetGuid();
        var answer = $"/api/v1/projects/{project}/labels/{task}/items/{item}/answer";
        foreach (
            var (name, value) in new (string, object)[]
            {
                ("userId", leadId),
                ("state", "Approved"),
                ("final", "b"),
                ("isGold", true),
                ("reviewedBy", annotatorId),
            }
        )
        {
            await RefusedAsync(annotator, answer, Answer(), name, value);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await annotator.PostAsJsonAsync(answer, Answer(), Ct)).StatusCode);
        var kept = await db.LabelItems.Include(i => i.Assignments).SingleAsync(i => i.Id == item, Ct);
        Assert.Equal((false, null, annotatorId), (kept.IsGold, kept.ReviewedBy, Assert.Single(kept.Assignments).UserId));
        foreach (var format in (string[])["jsonl", "csv", "labelStudio"]) // as the page's own menu asks for them
        {
            Assert.Contains(
                "\"a\"",
                await lead.GetStringAsync($"/api/v1/projects/{project}/labels/{task}/export?format={format}", Ct),
                StringComparison.Ordinal
            );
        }
    }

    private static Dictionary<string, object> Body(Guid version, string assignee) =>
        new()
        {
            ["versionId"] = version,
            ["name"] = "Task",
            ["assignees"] = new[] { assignee },
            ["rules"] = new { overlap = 1 },
            ["questions"] = Questions(),
        };

    private static Dictionary<string, object> Answer() => new() { ["values"] = new { label = "a" }, ["seconds"] = 1 };

    private static async Task RefusedAsync(HttpClient client, string address, Dictionary<string, object> body, string name, object value)
    {
        body[name] = value;
        var answer = await client.PostAsJsonAsync(address, body, Ct);
        Assert.Equal((name, HttpStatusCode.BadRequest), (name, answer.StatusCode));
        Assert.Contains($"'{name}' is no field", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LeadsRoutes_ByAnAnnotator_Are403_AndByAStranger404()
    {
        var (lead, _, annotator, annotatorId, project, version) = await TeamAsync("routes");
        var (stranger, _) = await portal.PersonAsync("routes-stranger");
        var created = await lead.PostAsJsonAsync(
            $"/api/v1/projects/{project}/labels",
            new
            {
                versionId = version,
                name = "Task",
                assignees = new[] { annotatorId },
                rules = new { overlap = 1 },
                questions = Questions(),
            },
            Ct
        );
        var task = (await created.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetGuid();
        (HttpMethod Method, string Path)[] routes =
        [
            (HttpMethod.Get, ""),
            (HttpMethod.Get, "/agreement"),
            (HttpMethod.Get, "/export?format=jsonl"),
            (HttpMethod.Get, "/export?format=csv"),
            (HttpMethod.Get, "/ranking"),
            (HttpMethod.Post, "/snapshot"),
            (HttpMethod.Get, "/snapshot/preview"),
        ];
        foreach (var (method, path) in routes)
        {
            var address = $"/api/v1/projects/{project}/labels/{task}{path}";
            Assert.Equal(
                (path, HttpStatusCode.Forbidden),
                (path, (await annotator.SendAsync(new HttpRequestMessage(method, address), Ct)).StatusCode)
            );
            Assert.Equal(
                (path, HttpStatusCode.NotFound),
                (path, (await stranger.SendAsync(new HttpRequestMessage(method, address), Ct)).StatusCode)
            );
        }

        Assert.Equal(
            HttpStatusCode.Forbidden,
            (
                await annotator.PostAsJsonAsync(
                    $"/api/v1/projects/{project}/labels",
                    new
                    {
                        versionId = version,
                        name = "x",
                        assignees = Array.Empty<string>(),
                        questions = Questions(),
                    },
                    Ct
                )
            ).StatusCode
        );
        Assert.Equal(HttpStatusCode.Forbidden, (await annotator.GetAsync($"/api/v1/projects/{project}/labels/people", Ct)).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await stranger.PostAsync($"/api/v1/projects/{project}/labels/{task}/next", null, Ct)).StatusCode
        );
    }

    [Fact]
    public async Task RightTakenAway_EndsAtTheNextCall()
    {
        var (lead, _, annotator, annotatorId, project, version) = await TeamAsync("gone");
        var created = await lead.PostAsJsonAsync(
            $"/api/v1/projects/{project}/labels",
            new
            {
                versionId = version,
                name = "Task",
                assignees = new[] { annotatorId },
                rules = new { overlap = 1 },
                questions = Questions(),
            },
            Ct
        );
        var next =
            $"/api/v1/projects/{project}/labels/{(await created.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetGuid()}/next";
        Assert.Equal(HttpStatusCode.OK, (await annotator.PostAsync(next, null, Ct)).StatusCode);
        await using var db = await OpenAsync();
        await db.Users.Where(u => u.Id == annotatorId).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsDisabled, true), Ct);
        Assert.Contains(
            (await annotator.PostAsync(next, null, Ct)).StatusCode,
            (HttpStatusCode[])[HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.NotFound]
        );
    }

    private static object[] Questions() =>
        [
            new
            {
                key = "label",
                kind = "Choose",
                text = "Which?",
                options = new[] { "a", "b" },
            },
        ];

    private Task<AppDb> OpenAsync() => portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);

    /// <summary>A lead, an annotator, their project and a version of a few rows.</summary>
    private async Task<(HttpClient Lead, string LeadId, HttpClient Annotator, string AnnotatorId, Guid Project, Guid Version)> TeamAsync(
        string name
    )
    {
        var (lead, leadId) = await portal.PersonAsync(name + "-lead");
        var (annotator, annotatorId) = await portal.PersonAsync(name + "-annotator");
        var project = await portal.ProjectAsync(leadId);
        await using var db = await OpenAsync();
        db.Memberships.Add(new Membership(project, annotatorId, ProjectRole.Annotator, DateTimeOffset.UtcNow));
        await db.SaveChangesAsync(Ct);
        var file = new StringContent("text,label\nFirst,a\nSecond,b\nThird,a\nFourth,b\n");
        var upload = await (
            await lead.PostAsync($"/api/v1/projects/{project}/uploads/file?name=rows.csv", file, Ct)
        ).Content.ReadFromJsonAsync<JsonElement>(Ct);
        var made = await (
            await lead.PostAsJsonAsync(
                $"/api/v1/projects/{project}/datasets",
                new { name = "Rows", uploadId = upload.GetProperty("id").GetGuid() },
                Ct
            )
        ).Content.ReadFromJsonAsync<JsonElement>(Ct);
        return (lead, leadId, annotator, annotatorId, project, made.GetProperty("id").GetGuid());
    }
}
