using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace WebTrainer.Benchmarks.Pages;

/// <summary>The API of a project, with somebody's token.</summary>
internal sealed class Api(string address, string project, string token) : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = new()
    {
        BaseAddress = new Uri($"{address}/api/v1/projects/{project}/"),
        Timeout = TimeSpan.FromMinutes(5),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    public async Task<JsonElement> GetAsync(string path) => await ReadAsync(await _http.GetAsync(path), path);

    public async Task<JsonElement> PostAsync(string path, object body) => await ReadAsync(await _http.PostAsJsonAsync(path, body), path);

    public async Task<JsonElement> UploadAsync(string fileName, string content)
    {
        var path = $"uploads/file?name={fileName}";
        return await ReadAsync(await _http.PostAsync(path, new ByteArrayContent(Encoding.UTF8.GetBytes(content))), path);
    }

    /// <summary>Waits for a run or an evaluation.</summary>
    /// <exception cref="InvalidOperationException">It ended otherwise.</exception>
    public async Task UntilAsync(string path, Func<JsonElement, bool> isThere)
    {
        for (var now = await GetAsync(path); !isThere(now); now = await GetAsync(path))
        {
            if (now.GetProperty("status").GetString() is "failed" or "stopped" or "rejected")
            {
                throw new InvalidOperationException($"{path} did not come so far: {now}");
            }

            await Task.Delay(s_look);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, string path)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {text}");
            }

            return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
        }
    }
}
