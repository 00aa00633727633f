using System.Net;
using System.Text;
using System.Text.Json;

namespace WebTrainer.EndToEnd.Support;

/// <summary>An OpenAI-compatible endpoint on this machine that prefers the longer answer, the first of equal ones.</summary>
public sealed class JudgeServer : IDisposable
{
    private readonly HttpListener _listener = new();

    public JudgeServer()
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/v1";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // closed
            }

            var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.InputStream);
            var content = Verdict(body.GetProperty("messages")[1].GetProperty("content").GetString()!);
            var reply = Encoding.UTF8.GetBytes(
                JsonSerializer.Serialize(new { choices = new[] { new { message = new { role = "assistant", content } } } })
            );
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(reply);
            context.Response.Close();
        }
    }

    private static string Verdict(string user)
    {
        var mark = user[1..17];
        string? Part(string name) =>
            user.Split($"[{mark} begin {name}]\n") is [_, var rest] ? rest.Split($"\n[{mark} end {name}]")[0] : null;
        return Part("answer A") is { } a
            ? JsonSerializer.Serialize(new { reason = "longer", verdict = a.Length >= Part("answer B")!.Length ? "A" : "B" })
            : JsonSerializer.Serialize(new { reason = "by length", score = Math.Clamp(1 + (Part("answer")!.Length / 10), 1, 5) });
    }
}
