using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using WebTrainer.EndToEnd.Support;

namespace WebTrainer.EndToEnd;

/// <summary>
/// The disk under the data folder is full: people read why, nothing is half written, and all goes on when there is room again.
/// </summary>
public sealed class FullDiskTests
{
    private const int Megabytes = 48;

    [Fact]
    public async Task DiskFull_UploadAndImportAreRefusedInWords_AndGoOnWhenThereIsRoom()
    {
        await using var portal = await PortalProcess.TryStartOnSmallDiskAsync(Megabytes);
        Assert.SkipWhen(portal is null, "A small file system can't be mounted here; that needs root.");
        await using var chrome = await Chrome.LaunchAsync();
        var lead = await chrome.NewPersonAsync("ada", portal);
        await lead.SetUpAsync();
        var project = await lead.MakeProjectAsync("Small disk");
        var token = await lead.MakeTokenAsync();
        using var api = new Api(portal, token);
        var rows = Encoding.UTF8.GetBytes(
            string.Concat(
                Enumerable
                    .Range(0, 60_000)
                    .Select(i =>
                        $"{{\"prompt\":\"Question {i} {Convert.ToHexString(BitConverter.GetBytes(i * 2654435761u))}\",\"completion\":\"Answer {i}\"}}\n"
                    )
            )
        );

        var tooLarge = await RefusedAsync(
            HttpStatusCode.UnprocessableEntity,
            $"projects/{project}/uploads",
            new { fileName = "large.jsonl", length = 100_000_000L }
        );
        Assert.Contains("disk has", tooLarge, StringComparison.Ordinal);

        var upload = await api.UploadAsync(project, "rows.jsonl", rows);
        var filler = Path.Combine(portal.DataFolder, "filler");
        Fill(filler, portal.DataFolder, leave: 200_000);
        var failed = await RefusedAsync(
            HttpStatusCode.InsufficientStorage,
            $"projects/{project}/datasets",
            new { name = "Rows", uploadId = upload.GetProperty("id").GetGuid() }
        );
        Assert.Contains("disk is full", failed, StringComparison.Ordinal);
        Assert.DoesNotContain(portal.DataFolder, failed, StringComparison.Ordinal); // where files lie is nobody's to read

        File.Delete(filler);
        Assert.Equal(0, (await api.GetAsync($"projects/{project}/datasets")).GetArrayLength());
        var made = await api.PostAsync(
            $"projects/{project}/datasets",
            new { name = "Rows", uploadId = upload.GetProperty("id").GetGuid() }
        );
        Assert.Equal(60_000, made.GetProperty("rows").GetInt32());

        async Task<string> RefusedAsync(HttpStatusCode status, string path, object body)
        {
            using var http = new HttpClient { BaseAddress = new Uri(portal.Address + "/api/v1/"), Timeout = TimeSpan.FromMinutes(2) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.PostAsJsonAsync(path, body);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
            return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("title").GetString()!;
        }
    }

    [Fact]
    public async Task DiskFullToTheLastByte_PeopleStillSignIn_AndDiscardWhatFillsIt()
    {
        await using var portal = await PortalProcess.TryStartOnSmallDiskAsync(Megabytes);
        Assert.SkipWhen(portal is null, "A small file system can't be mounted here; that needs root.");
        await using var chrome = await Chrome.LaunchAsync();
        var lead = await chrome.NewPersonAsync("ada", portal);
        await lead.SetUpAsync();
        var project = await lead.MakeProjectAsync("Full disk");
        using var api = new Api(portal, await lead.MakeTokenAsync());
        var upload = await api.UploadAsync(project, "rows.jsonl", new byte[4_000_000]);
        var reserve = Path.Combine(portal.DataFolder, "reserve");
        Assert.True(File.Exists(reserve));
        Fill(Path.Combine(portal.DataFolder, "filler"), portal.DataFolder, leave: 0);
        await Eventually.IsTrueAsync(() => Task.FromResult(!File.Exists(reserve)), Patience.Server, () => "The reserve is not given up.");

        var again = await chrome.NewPersonAsync("ada", portal);
        await again.SignInAsync();
        // what is kept back is not for data
        await Assert.ThrowsAnyAsync<Exception>(() => api.UploadAsync(project, "more.jsonl", new byte[2_000_000]));
        await api.DeleteAsync($"projects/{project}/uploads/{upload.GetProperty("id").GetGuid()}");
        File.Delete(Path.Combine(portal.DataFolder, "filler"));
        await Eventually.IsTrueAsync(() => Task.FromResult(File.Exists(reserve)), Patience.Server, () => "The reserve is not taken again.");
    }

    private static void Fill(string file, string folder, long leave)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        using var stream = File.Create(file);
        var block = new byte[64 * 1024];
        for (var left = free - leave; left > block.Length; left -= block.Length)
        {
            stream.Write(block);
        }
    }
}
