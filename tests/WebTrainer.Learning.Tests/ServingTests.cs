using System.Net.Sockets;
using System.Text.Json;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Tokenizing;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

public sealed class ServingTests : IDisposable
{
    private const string Variable = "WEBTRAINER_TEST_TOKEN";
    private readonly TemporaryFolder _folder = new();

    public ServingTests() => Environment.SetEnvironmentVariable(Variable, "secret");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serve_TwoRequestsAtOnce_AreAnsweredInterleaved()
    {
        var (job, socket) = Start();
        using (var client = await ConnectAsync(socket))
        {
            await SendAsync(client, new ServeHello("secret"));
            await SendAsync(client, new GenerateRequest("a", "base", Prompt: "the card") { MaxNewTokens = 20, Temperature = 1, Seed = 1 });
            await SendAsync(client, new GenerateRequest("b", "base", [new("user", "lost")]) { MaxNewTokens = 20 });
            await SendAsync(client, new GenerateRequest("c", "nobody", Prompt: "x"));
            var chunks = await ReadUntilEndsAsync(client, 3);
            Assert.Equal("error", chunks.Last(chunk => chunk.Id == "c").FinishReason);
            Assert.All((string[])["a", "b"], id => Assert.True(chunks.Last(chunk => chunk.Id == id).FinishReason is "stop" or "length"));
        }

        Stop();
        Assert.Equal(WorkerState.Stopped, await job);
        Assert.False(File.Exists(socket));
    }

    [Fact]
    public async Task Serve_WrongToken_IsClosedWithoutAnAnswer()
    {
        var (job, socket) = Start();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        }

        using (var client = await ConnectAsync(socket))
        {
            await SendAsync(client, new ServeHello("guess"));
            Assert.Equal(0, await client.ReadAsync(new byte[10]));
        }

        Stop();
        await job;
    }

    [Fact]
    public void TextStream_CharacterInPieces_WaitsForTheWhole()
    {
        TokenizerWriter.Write(TinyModel.Vocabulary(), _folder.Path, contextTokens: 64);
        var tokenizer = TextTokenizer.Load(_folder.Path);
        var stream = new TextStream(tokenizer, []);
        var pieces = tokenizer.Encode("سلام😀").Select(stream.Add).ToList();
        Assert.Equal("سلام😀", string.Concat(pieces));
        Assert.DoesNotContain(pieces, piece => piece.Contains('\uFFFD', StringComparison.Ordinal) || (piece.Length > 0 && char.IsHighSurrogate(piece[^1])));
    }

    [Fact]
    public void TextStream_StopSequenceAcrossTokens_IsCutOff()
    {
        TokenizerWriter.Write(TinyModel.Vocabulary(), _folder.Path, contextTokens: 64);
        var tokenizer = TextTokenizer.Load(_folder.Path);
        var stream = new TextStream(tokenizer, ["STOP"]);
        var text = string.Concat(tokenizer.Encode("abc ST STOP def").Select(stream.Add)) + stream.Finish();
        Assert.Equal("abc ST ", text);
        Assert.True(stream.Stopped);
    }

    [Fact]
    public void Sampler_SameSeed_ChoosesTheSame()
    {
        float[] logits = [1, 2, 3, 2, 1];
        var (a, b) = (new Sampler(1, 0.9, 5), new Sampler(1, 0.9, 5));
        Assert.Equal(Enumerable.Range(0, 50).Select(_ => a.Choose(logits)).ToList(), Enumerable.Range(0, 50).Select(_ => b.Choose(logits)).ToList());
        Assert.Equal(2, new Sampler(0, 1, 1).Choose(logits));
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(2, new Sampler(1, 0.3, 9).Choose(logits)));
    }

    private RunFolder Folder => new(_folder.Path);

    private (Task<WorkerState> Job, string Socket) Start()
    {
        var socket = _folder.File("s");
        var spec = TinyModel.Spec(_folder, JobKind.Serve) with { Serving = new ServingSpec { Socket = socket, TokenVariable = Variable } };
        var job = Task.Run(() =>
        {
            using var events = new EventWriter(Folder.Events);
            return new ServeJob(new RunContext(Folder, spec, events, new ControlReader(Folder.Control, DateTimeOffset.MinValue))).Run(TestContext.Current.CancellationToken);
        });
        Assert.True(SpinWait.SpinUntil(() => job.IsFaulted || (File.Exists(Folder.Events) && new FileInfo(Folder.Events).Length > 0), TimeSpan.FromSeconds(20)));
        return (job, socket);
    }

    private void Stop() =>
        File.WriteAllText(Folder.Control, JsonSerializer.Serialize(new ControlMessage(1, ControlAction.Stop, DateTimeOffset.UtcNow), ProtocolJson.Line) + "\n");

    private static async Task<NetworkStream> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task SendAsync<T>(NetworkStream stream, T line) =>
        await stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(line, ProtocolJson.Line), (byte)'\n']);

    private static async Task<List<GenerateChunk>> ReadUntilEndsAsync(NetworkStream stream, int ends)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        var chunks = new List<GenerateChunk>();
        while (chunks.Count(chunk => chunk.FinishReason is not null) < ends)
        {
            chunks.Add(JsonSerializer.Deserialize<GenerateChunk>((await reader.ReadLineAsync())!, ProtocolJson.Line)!);
        }

        return chunks;
    }
}
