using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Notices;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Fences;

/// <summary>A request that is refused has changed nothing, whichever of the rights it lacks.</summary>
public sealed class ScopeTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static int s_people;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public static TheoryData<string> Scopes => [.. TokenScopes.All];

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task EveryRoute_RefusedForItsScopes_ChangesNothing(string scope)
    {
        var things = await ThingsAsync();
        using var client = await TokenAsync(things.LeadId, scope);
        var routes = portal
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/api/v1", StringComparison.Ordinal))
            .ToList();
        Assert.True(routes.Count > 50);
        var refused = 0;
        foreach (var route in routes)
        {
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Where(m => !HttpMethods.IsGet(m)))
            {
                var before = await FingerprintAsync();
                using var request = new HttpRequestMessage(new HttpMethod(method), AddressOf(route, things))
                {
                    Content = JsonContent.Create(BodyOf(route, things)),
                };
                using var answer = await client.SendAsync(request, Ct);
                if (answer.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized))
                {
                    continue;
                }

                refused++;
                Assert.True(
                    before == await FingerprintAsync(),
                    $"{method} {route.RoutePattern.RawText} with the scope {scope} alone was refused and changed something."
                );
            }
        }

        Assert.True(refused > 10);
    }

    /// <summary>With what it needs, the request that the others are refused is done: the test above would notice.</summary>
    [Fact]
    public async Task RunSubmittedWithBothScopes_IsMade()
    {
        var things = await ThingsAsync();
        using var client = await TokenAsync(things.LeadId, TokenScopes.WriteRuns, TokenScopes.Read);
        using var answer = await client.PostAsJsonAsync($"/api/v1/projects/{things.Project}/runs", NewRun(things), Ct);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Ct));
    }

    private static object NewRun(Things things) =>
        new
        {
            name = "by token",
            datasetVersionId = things.Version,
            baseModel = "webtrainer-base-8m",
            training = new { epochs = 1 },
        };

    private static object BodyOf(RouteEndpoint route, Things things) =>
        route.RoutePattern.RawText!.TrimEnd('/') switch
        {
            "/api/v1/projects" => new { name = "by token" },
            "/api/v1/projects/{projectId:guid}/runs" => NewRun(things),
            "/api/v1/projects/{projectId:guid}/evaluations" => new
            {
                datasetVersionId = things.Version,
                baseModel = "webtrainer-base-8m",
                runIds = Array.Empty<Guid>(),
            },
            "/api/v1/projects/{projectId:guid}/uploads" => new { fileName = "a.csv", length = 10 },
            _ => new { reason = "no", specSha256 = things.SpecSha256 },
        };

    private static string AddressOf(RouteEndpoint route, Things things) =>
        string.Concat(
            route.RoutePattern.PathSegments.Select(segment =>
                "/"
                + string.Concat(
                    segment.Parts.Select(part =>
                        part switch
                        {
                            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
                            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => parameter.Name switch
                            {
                                "projectId" => things.Project.ToString(),
                                "runId" => things.Run.ToString(),
                                "datasetId" => things.Dataset.ToString(),
                                "versionId" => things.Version.ToString(),
                                "number" or "trial" => "1",
                                _ when parameter.ParameterPolicies.Any(policy => policy.Content == "guid") => Guid.Empty.ToString(),
                                _ when parameter.ParameterPolicies.Any(policy => policy.Content is "int" or "long") => "1",
                                _ => "x",
                            },
                            _ => "",
                        }
                    )
                )
            )
        )
        + "?offset=0&name=x&uploadId="
        + Guid.Empty;

    private async Task<Things> ThingsAsync()
    {
        var (_, leadId) = await portal.PersonAsync($"scopes{Interlocked.Increment(ref s_people)}");
        var project = await portal.ProjectAsync(leadId);
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        var dataset = new Dataset(project, "rows", leadId, DateTimeOffset.UtcNow);
        var version = new DatasetVersion(dataset, 1, VersionKind.Split, new string('a', 64), 1, 1, leadId, DateTimeOffset.UtcNow);
        version.Publish(
            JsonSerializer.Serialize(
                new DatasetFiles { Train = new DatasetFile("train.jsonl", new string('b', 64), 1) },
                ProtocolJson.Line
            ),
            leadId,
            DateTimeOffset.UtcNow
        );
        var run = new Run(
            project,
            99,
            "run",
            version.Id,
            "webtrainer-base-8m",
            "{}",
            new string('c', 64),
            "somebody",
            DateTimeOffset.UtcNow,
            Guid.CreateVersion7()
        );
        db.AddRange(dataset, version, run);
        await db.SaveChangesAsync(Ct);
        return new Things(leadId, project, dataset.Id, version.Id, run.Id, run.SpecSha256);
    }

    private async Task<HttpClient> TokenAsync(string userId, params string[] scopes)
    {
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        var secret = SecretToken.Create(PersonalAccessToken.Prefix);
        db.PersonalAccessTokens.Add(new PersonalAccessToken(userId, "scopes", secret, scopes, TimeSpan.FromDays(1), DateTimeOffset.UtcNow));
        await db.SaveChangesAsync(Ct);
        var client = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }

    /// <summary>How many rows each table has, and how far its things have changed.</summary>
    private async Task<string> FingerprintAsync()
    {
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        var counts = new List<string>();
        var audit = db.Model.FindEntityType(typeof(AuditEntry))!.GetTableName()!; // and its seals and keys, which begin so too
        foreach (
            var table in db
                .Model.GetEntityTypes()
                .Where(type => type.ClrType != typeof(NoticeMark) && type.ClrType != typeof(Delivery)) // of acts before, by the portal itself
                .Select(type => type.GetTableName())
                .Distinct()
                .Where(table => !table!.StartsWith(audit, StringComparison.Ordinal))
                .Order()
        )
        {
#pragma warning disable EF1002 // names of tables are the model's own
            counts.Add($"{table} {await db.Database.SqlQueryRaw<long>($"SELECT COUNT(*) AS Value FROM \"{table}\"").SingleAsync(Ct)}");
        }
#pragma warning restore EF1002
        counts.Add(
            $"{await db.Audit.CountAsync(e => e.Action != "access.refused", Ct)} {await db.Runs.SumAsync(r => r.Revision, Ct)} {await db.Jobs.SumAsync(j => j.Revision, Ct)}"
        );
        return string.Join(", ", counts);
    }

    private sealed record Things(string LeadId, Guid Project, Guid Dataset, Guid Version, Guid Run, string SpecSha256);
}
