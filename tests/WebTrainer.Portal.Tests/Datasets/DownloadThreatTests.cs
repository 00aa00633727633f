using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>What the portal sends of people's files and names: always to be saved, never to be run.</summary>
public sealed class DownloadThreatTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("page.html", "<!doctype html><script>alert(1)</script>")]
    [InlineData("picture.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>")]
    public async Task UploadedPages_HaveNoAddress(string name, string content)
    {
        var (client, user) = await portal.PersonAsync("web" + Guid.NewGuid().ToString("N"));
        var api = $"/api/v1/projects/{await portal.ProjectAsync(user)}";
        using var sent = await client.PostAsync($"{api}/uploads/file?name={name}", new StringContent(content), Ct);
        Assert.Equal(HttpStatusCode.Created, sent.StatusCode);
        var id = (await sent.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetString();
        foreach (
            var address in new[]
            {
                $"{api}/uploads/{id}",
                $"{api}/uploads/{id}/{name}",
                $"{api}/uploads/file?name={name}",
                $"/uploads/{id}",
                $"/files/{id}",
                $"/{name}",
            }
        )
        {
            using var answer = await client.GetAsync(address, Ct);
            Assert.DoesNotContain("alert(1)", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    [Fact]
    public async Task Files_AreAttachments_WhoseNamesBreakNoHeader()
    {
        var (client, user) = await portal.PersonAsync("files" + Guid.NewGuid().ToString("N"));
        var api = $"/api/v1/projects/{await portal.ProjectAsync(user)}";
        using var sent = await client.PostAsync(
            $"{api}/uploads/file?name=rows.csv",
            new StringContent("text,label\n<script>alert(1)</script>,a\nb,c\n"),
            Ct
        );
        var upload = (await sent.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetString();
        const string Name = "../../evil\"; filename=\"evil.html";
        using var made = await client.PostAsJsonAsync($"{api}/datasets", new { name = Name, uploadId = upload }, Ct);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var at =
            $"{api}/datasets/{(await made.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("datasetId").GetString()}/versions/1";
        foreach (
            var file in new[]
            {
                "export?format=csv",
                "export?format=openAiChat",
                "export?format=parquet&provenance=true",
                "parquet",
                "card",
                "croissant",
                "croissant.zip",
            }
        )
        {
            using var answer = await client.GetAsync($"{at}/{file}", Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            // Quotes in the name are escaped: the header has one name, and that is all of it.
            var disposition = System.Net.Http.Headers.ContentDispositionHeaderValue.Parse(
                Assert.Single(answer.Content.Headers.GetValues("Content-Disposition"))
            );
            Assert.Equal("attachment", disposition.DispositionType);
            Assert.Equal(2, disposition.Parameters.Count);
            Assert.StartsWith(Name, disposition.FileNameStar, StringComparison.Ordinal);
            Assert.DoesNotContain("html", answer.Content.Headers.ContentType!.MediaType, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    [Theory]
    [InlineData("contains")]
    [InlineData("label")]
    [InlineData("words")]
    [InlineData("split")]
    [InlineData("sort")]
    [InlineData("trait")]
    public async Task SqlInAnAddress_IsTextOrRefused(string parameter)
    {
        var (client, user) = await portal.PersonAsync("sql" + Guid.NewGuid().ToString("N"));
        var api = $"/api/v1/projects/{await portal.ProjectAsync(user)}";
        using var sent = await client.PostAsync($"{api}/uploads/file?name=rows.csv", new StringContent("text,label\na,b\nc,d\n"), Ct);
        var upload = (await sent.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetString();
        using var made = await client.PostAsJsonAsync($"{api}/datasets", new { name = "Rows", uploadId = upload }, Ct);
        var at =
            $"{api}/datasets/{(await made.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("datasetId").GetString()}/versions/1";
        foreach (
            var sql in new[] { "' OR 1=1 --", "1; DROP TABLE rows", "\") OR (\"1\"=\"1", "x' UNION SELECT name FROM sqlite_master --" }
        )
        {
            using var answer = await client.GetAsync($"{at}/rows?{parameter}={Uri.EscapeDataString(sql)}", Ct);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Assert.Equal(0, (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("total").GetInt64());
            }
            else
            {
                Assert.InRange((int)answer.StatusCode, 400, 499);
            }
        }

        Assert.Equal(2, (await client.GetFromJsonAsync<JsonElement>($"{at}/rows", Ct)).GetProperty("total").GetInt64());
    }
}
