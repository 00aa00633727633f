using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Datasets;

public sealed class ApiTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static int s_people;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task UploadImportSplitPublish_ByHttpAlone()
    {
        var (client, api) = await LeadAsync();
        var train = await PostRawAsync(client, $"{api}/uploads/file?name=train.csv", Table(100));
        var test = await PutRawAsync(client, $"{api}/uploads/file?name=test.csv", Table(20, "Other"));
        var mapping = new
        {
            shape = "label",
            text = "text",
            label = "label",
            instruction = "Name the topic.",
        };
        var trained = await PostAsync(
            client,
            $"{api}/datasets",
            new
            {
                name = "Train",
                uploadId = train.GetProperty("id"),
                mapping,
            }
        );
        var tested = await PostAsync(
            client,
            $"{api}/datasets",
            new
            {
                name = "Test",
                uploadId = test.GetProperty("id"),
                mapping,
            }
        );
        Assert.Equal("imported", trained.GetProperty("kind").GetString());
        Assert.Equal(100, trained.GetProperty("report").GetProperty("rowsKept").GetInt64());

        var at = $"{api}/datasets/{trained.GetProperty("datasetId").GetString()}/versions";
        var split = await PostAsync(client, $"{at}/1/split", new { testVersionId = tested.GetProperty("id"), validation = 0.1 });
        Assert.Equal(2, split.GetProperty("number").GetInt32());
        Assert.Equal(20, split.GetProperty("report").GetProperty("test").GetInt64());
        var published = await PostAsync(client, $"{at}/2/publish", null);
        Assert.NotEqual(JsonValueKind.Null, published.GetProperty("publishedAt").ValueKind);

        var rows = await client.GetFromJsonAsync<JsonElement>($"{at}/2/rows?split=test&label=label1&contains=OTHER&take=3", Ct);
        Assert.Equal(5, rows.GetProperty("total").GetInt64());
        Assert.Equal(3, rows.GetProperty("rows").GetArrayLength());
        Assert.StartsWith("Name the topic.", rows.GetProperty("rows")[0].GetProperty("prompt").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileThatIsGuessedWrong_IsLookedAtAndImportedAsTheCallerSays()
    {
        var (client, api) = await LeadAsync();
        var upload = await PostRawAsync(
            client,
            $"{api}/uploads/file?name=a.csv",
            "made by;hand\non;monday\ntext;label\nWhere is it?;card\n"
        );
        var question = new
        {
            uploadId = upload.GetProperty("id"),
            reading = new
            {
                firstLine = 3,
                delimiter = ";",
                hasHeader = true,
                encoding = "utf8",
            },
        };
        var look = await PostAsync(client, $"{api}/datasets/look", question);
        Assert.Equal(
            ["text", "label"],
            look.GetProperty("inspection").GetProperty("csv").GetProperty("columns").EnumerateArray().Select(c => c.GetString()!)
        );
        Assert.Equal("made by", look.GetProperty("raw")[0].GetProperty("cells")[0].GetString());
        var version = await PostAsync(
            client,
            $"{api}/datasets",
            new
            {
                name = "Read",
                question.uploadId,
                question.reading,
            }
        );
        Assert.Equal(1, version.GetProperty("report").GetProperty("rowsKept").GetInt64());

        using var sheet = await client.PostAsJsonAsync(
            $"{api}/datasets/look",
            new { question.uploadId, reading = new { sheet = "Data" } },
            Ct
        );
        Assert.Equal(HttpStatusCode.UnprocessableEntity, sheet.StatusCode);
        Assert.Contains("is no workbook", await sheet.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var misspelt = await client.PostAsJsonAsync(
            $"{api}/datasets/look",
            new { question.uploadId, reading = new { sheat = "Data" } },
            Ct
        );
        Assert.Equal(HttpStatusCode.BadRequest, misspelt.StatusCode);
        Assert.Contains("'sheat' is no field", await misspelt.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clean_ByHttp_TakesTheRecipesFile()
    {
        var (client, api) = await LeadAsync();
        var upload = await PostRawAsync(
            client,
            $"{api}/uploads/file?name=a.csv",
            Table(20) + "TEXT number 1,label1\nWrite to ada@example.org,label1\n"
        );
        var version = await PostAsync(client, $"{api}/datasets", new { name = "Clean", uploadId = upload.GetProperty("id") });
        var at = $"{api}/datasets/{version.GetProperty("datasetId").GetString()}/versions";

        // The step's name stands last in the first, as a person may write it.
        var recipe = new
        {
            steps = new object[]
            {
                new
                {
                    action = "mask",
                    kinds = new[] { "email" },
                    step = "personalData",
                },
                new { step = "exactDuplicates", by = "prompt" },
            },
        };
        var preview = await PostAsync(client, $"{at}/1/clean/preview", recipe);
        Assert.Equal(1, preview.GetProperty("steps")[0].GetProperty("changed").GetInt64());
        var cleaned = await PostAsync(client, $"{at}/1/clean", recipe);
        Assert.Equal("cleaned", cleaned.GetProperty("kind").GetString());
        var aside = await client.GetFromJsonAsync<JsonElement>($"{at}/2/set-aside?step=1", Ct);
        Assert.Equal(22 - cleaned.GetProperty("rows").GetInt64(), aside.GetProperty("total").GetInt64());
        var kept = await client.GetFromJsonAsync<JsonElement>($"{at}/2/recipe", Ct);
        Assert.Equal("personalData", kept.GetProperty("steps")[0].GetProperty("step").GetString());
        var compared = await client.GetFromJsonAsync<JsonElement>(
            $"{at}/2/compare/{version.GetProperty("id").GetString()}?change=changed",
            Ct
        );
        Assert.Equal(1, compared.GetProperty("changed").GetInt64());

        using var refused = await client.PostAsJsonAsync(
            $"{at}/1/clean",
            new
            {
                steps = new[]
                {
                    new
                    {
                        step = "length",
                        min = 9,
                        max = 3,
                    },
                },
            },
            Ct
        );
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var unknown = await client.PostAsJsonAsync($"{at}/1/clean", new { steps = new[] { new { step = "format disk" } } }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task Chunk_AtTheWrongOffset_Is409WithTheLength()
    {
        var (client, api) = await LeadAsync();
        var upload = await PostAsync(client, $"{api}/uploads", new { fileName = "a.csv", length = 10 });
        var url = $"{api}/uploads/{upload.GetProperty("id").GetString()}";
        using var first = await client.PatchAsync($"{url}?offset=0", Raw("01234"), Ct);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var wrong = await client.PatchAsync($"{url}?offset=3", Raw("34"), Ct);
        Assert.Equal(HttpStatusCode.Conflict, wrong.StatusCode);
        Assert.Equal(5, (await wrong.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("length").GetInt64());
        Assert.Equal(5, (await client.GetFromJsonAsync<JsonElement>(url, Ct)).GetProperty("received").GetInt64());
        using var gone = await client.DeleteAsync(url, Ct);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [Fact]
    public async Task AnotherProjectsThings_AreNotFound()
    {
        var (owner, api) = await LeadAsync();
        var upload = await PostRawAsync(owner, $"{api}/uploads/file?name=a.csv", Table(20));
        var version = await PostAsync(owner, $"{api}/datasets", new { name = "A", uploadId = upload.GetProperty("id") });
        var uploadId = upload.GetProperty("id").GetString();
        var datasetId = version.GetProperty("datasetId").GetString();

        var (other, otherApi) = await LeadAsync();
        foreach (var at in new[] { api, otherApi }) // neither in the foreign project nor by the id under one's own
        {
            await NotFoundAsync(other.GetAsync($"{at}/uploads/{uploadId}", Ct));
            await NotFoundAsync(other.PatchAsync($"{at}/uploads/{uploadId}?offset=0", Raw("x"), Ct));
            await NotFoundAsync(other.DeleteAsync($"{at}/uploads/{uploadId}", Ct));
            await NotFoundAsync(other.PostAsJsonAsync($"{at}/datasets", new { name = "B", uploadId }, Ct));
            await NotFoundAsync(other.GetAsync($"{at}/datasets/{datasetId}/versions/1", Ct));
            await NotFoundAsync(other.GetAsync($"{at}/datasets/{datasetId}/versions/1/rows", Ct));
            await NotFoundAsync(other.GetAsync($"{at}/datasets/{datasetId}/versions/1/export", Ct));
            await NotFoundAsync(other.PostAsJsonAsync($"{at}/datasets/{datasetId}/versions/1/split", new { }, Ct));
            await NotFoundAsync(other.PostAsync($"{at}/datasets/{datasetId}/versions/1/publish", null, Ct));
        }
    }

    [Fact]
    public async Task NobodySignedIn_Is401()
    {
        var (_, api) = await LeadAsync();
        using var client = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        using var list = await client.GetAsync($"{api}/datasets", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, list.StatusCode);
        using var upload = await client.PostAsync($"{api}/uploads/file?name=a.csv", Raw("a"), Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, upload.StatusCode);
    }

    [Fact]
    public async Task Cookie_WithoutTheHeader_IsRefused()
    {
        var name = $"cookie{Interlocked.Increment(ref s_people)}";
        var (_, userId) = await portal.PersonAsync(name);
        var project = await portal.ProjectAsync(userId);
        using var browser = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        await SignInAsync(browser, name);
        var url = $"/api/v1/projects/{project}/uploads";
        using var bare = await browser.PostAsJsonAsync(url, new { fileName = "a.csv", length = 5 }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
        browser.DefaultRequestHeaders.Add("X-WebTrainer", "1");
        using var marked = await browser.PostAsJsonAsync(url, new { fileName = "a.csv", length = 5 }, Ct);
        Assert.Equal(HttpStatusCode.Created, marked.StatusCode);
    }

    [Fact]
    public async Task HostileNames_NeverLeaveTheFolder_AndExportsAreAttachments()
    {
        var (client, api) = await LeadAsync();
        var upload = await PostRawAsync(
            client,
            $"{api}/uploads/file?name={Uri.EscapeDataString("../../<script>alert(1)</script>.html")}",
            "text,label\n<script>alert(1)</script>,a\n=1+1,b\n"
        );
        Assert.Equal("script>.html", upload.GetProperty("fileName").GetString());
        var version = await PostAsync(
            client,
            $"{api}/datasets",
            new { name = "x\"; filename=evil.html\r\n/../é", uploadId = upload.GetProperty("id") }
        );
        var at = $"{api}/datasets/{version.GetProperty("datasetId").GetString()}/versions/1";
        using var export = await client.GetAsync($"{at}/export?format=csv", Ct);
        Assert.Equal("attachment", export.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("text/csv", export.Content.Headers.ContentType!.MediaType);
        Assert.Equal("nosniff", Assert.Single(export.Headers.GetValues("X-Content-Type-Options")));
        Assert.Contains("'=1+1", await export.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openAiChat", "\"messages\"")]
    [InlineData("alpaca", "\"instruction\"")]
    [InlineData("shareGpt", "\"conversations\"")]
    [InlineData("promptCompletion", "\"completion\"")]
    public async Task Export_IsOneObjectALine(string format, string key)
    {
        var (client, api) = await LeadAsync();
        var upload = await PostRawAsync(client, $"{api}/uploads/file?name=a.csv", Table(20));
        var version = await PostAsync(client, $"{api}/datasets", new { name = "A", uploadId = upload.GetProperty("id") });
        var text = await client.GetStringAsync(
            $"{api}/datasets/{version.GetProperty("datasetId").GetString()}/versions/1/export?format={format}",
            Ct
        );
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(20, lines.Length);
        Assert.All(lines, line => Assert.Contains(key, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task BadFile_Is422WithItsSentence()
    {
        var (client, api) = await LeadAsync();
        var upload = await PostRawAsync(client, $"{api}/uploads/file?name=a.zip", "PK\u0003\u0004....");
        using var answer = await client.PostAsJsonAsync($"{api}/datasets", new { name = "A", uploadId = upload.GetProperty("id") }, Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(
            "ZIP archive",
            (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("title").GetString(),
            StringComparison.Ordinal
        );
    }

    private async Task<(HttpClient Client, string Api)> LeadAsync()
    {
        var (client, userId) = await portal.PersonAsync($"lead{Interlocked.Increment(ref s_people)}");
        return (client, $"/api/v1/projects/{await portal.ProjectAsync(userId)}");
    }

    private static async Task SignInAsync(HttpClient browser, string name)
    {
        var page = await browser.GetStringAsync("/account/sign-in", Ct);
        var token = Regex
            .Match(page, "__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Groups["token"]
            .Value;
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["__RequestVerificationToken"] = token,
                ["_handler"] = "sign-in",
                ["Form.UserName"] = name,
                ["Form.Password"] = "correct horse battery",
            }
        );
        using var answer = await browser.PostAsync("/account/sign-in", form, Ct);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    private static string Table(int rows, string words = "Message") =>
        "text,label\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"{words} number {i},label{i % 4}\n"));

    private static ByteArrayContent Raw(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<JsonElement> PostRawAsync(HttpClient client, string url, string text) =>
        await CreatedAsync(await client.PostAsync(url, Raw(text), Ct));

    private static async Task<JsonElement> PutRawAsync(HttpClient client, string url, string text) =>
        await CreatedAsync(await client.PutAsync(url, Raw(text), Ct));

    private static async Task<JsonElement> PostAsync(HttpClient client, string url, object? body) =>
        await CreatedAsync(await client.PostAsJsonAsync(url, body, Ct));

    private static async Task<JsonElement> CreatedAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
            return await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
        }
    }

    private static async Task NotFoundAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
