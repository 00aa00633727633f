using System.Net.Sockets;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.FakeWorker;

/// <summary>
/// Answers with <c>word1 word2 …</c>, or with its process id when the prompt is <c>pid</c>. <c>die</c> ends it in mid-answer.
/// What was cancelled is written to <c>cancelled</c> beside the adapter folder named <c>record</c>.
/// </summary>
internal static class FakeServer
{
    public static async Task<int> RunAsync(RunFolder folder, ServeSpec spec)
    {
        if (spec.BaseModel == "failing")
        {
            return FakePlan.Fail(folder);
        }

        var token = Environment.GetEnvironmentVariable(spec.TokenVariable);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(spec.Socket));
        File.SetUnixFileMode(spec.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen();
        while (true)
        {
            var socket = await listener.AcceptAsync();
            _ = Task.Run(() => AnswerAsync(socket, token, spec));
        }
    }

    private static async Task AnswerAsync(Socket socket, string? token, ServeSpec spec)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        if (Parse<ServeHello>(await reader.ReadLineAsync()).Token != token)
        {
            return;
        }

        var request = Parse<GenerateRequest>(await reader.ReadLineAsync());
        var next = reader.ReadLineAsync();
        for (var word = 1; word <= request.MaxNewTokens; word++)
        {
            if (next.IsCompleted && await next is { } line && Parse<GenerateRequest>(line).Cancel)
            {
                await File.WriteAllTextAsync(spec.Adapters.Single(a => a.Name == "record").Path, request.Id);
                return;
            }

            if (request.Prompt == "die" && word == 3)
            {
                Environment.Exit(7);
            }

            var text = request.Prompt == "pid" ? $"{Environment.ProcessId}" : $"word{word} ";
            try
            {
                await writer.WriteLineAsync(JsonSerializer.Serialize(new GenerateChunk(request.Id, text), ProtocolJson.Line));
                await Task.Delay(1);
            }
            catch (IOException)
            {
                await next; // Whoever asked closed right after cancelling: that line is still to be read.
            }
        }

        await writer.WriteLineAsync(JsonSerializer.Serialize(new GenerateChunk(request.Id, "", "length"), ProtocolJson.Line));
    }

    private static T Parse<T>(string? line) => JsonSerializer.Deserialize<T>(line!, ProtocolJson.Line)!;
}
