using System.Net.Sockets;
using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

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
            await SendAsync(
                client,
                new GenerateRequest("a", "base", Prompt: "the card")
                {
                    MaxNewTokens = 20,
                    Sampling = new() { Temperature = 1 },
                    Seed = 1,
                }
            );
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

    /// <summary>An answer to half of a question would be an answer to another one; and nobody else's answer may end for it.</summary>
    [Fact]
    public async Task Serve_PromptLongerThanTheContext_IsRefusedWithItsCount_AndOthersAreAnswered()
    {
        var (job, socket) = Start();
        using (var client = await ConnectAsync(socket))
        {
            await SendAsync(client, new ServeHello("secret"));
            await SendAsync(
                client,
                new GenerateRequest("long", "base", Prompt: string.Concat(Enumerable.Repeat("qz", 100))) { MaxNewTokens = 4 }
            );
            await SendAsync(client, new GenerateRequest("odd", "base", [new("judge", "x")]) { MaxNewTokens = 4 });
            await SendAsync(client, new GenerateRequest("short", "base", Prompt: "the card") { MaxNewTokens = 4 });
            var chunks = await ReadUntilEndsAsync(client, 3);
            var refused = Assert.Single(chunks, chunk => chunk.Id == "long");
            Assert.Equal(("error", RequestFault.TooLong), (refused.FinishReason, refused.Fault));
            Assert.Matches("has [0-9]{3} tokens; this model reads at most 63 ", refused.Error);
            Assert.Equal(RequestFault.Wrong, Assert.Single(chunks, chunk => chunk.Id == "odd").Fault);
            Assert.True(chunks.Last(chunk => chunk.Id == "short").FinishReason is "stop" or "length");
        }

        Stop();
        Assert.Equal(WorkerState.Stopped, await job);
    }

    /// <summary>Who asks for more than there is room for gets what there is, to all of what was asked.</summary>
    [Fact]
    public async Task Serve_AnswerLongerThanTheRoomBehindThePrompt_ReadsTheWholePromptAndEndsWhereTheContextDoes()
    {
        const string Letters = "qzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqz";
        var (job, socket) = Start();
        using (var client = await ConnectAsync(socket))
        {
            await SendAsync(client, new ServeHello("secret"));
            await SendAsync(client, new GenerateRequest("few", "base", Prompt: Letters) { MaxNewTokens = 1 });
            await SendAsync(client, new GenerateRequest("many", "base", Prompt: Letters) { MaxNewTokens = 64, Echo = true });
            var chunks = await ReadUntilEndsAsync(client, 2);
            var (few, many) = (chunks.Last(chunk => chunk.Id == "few"), chunks.Last(chunk => chunk.Id == "many"));
            Assert.InRange(few.PromptTokens!.Value, 33, 63); // more than half of the context: both don't fit
            Assert.Equal(few.PromptTokens, many.PromptTokens);
            Assert.StartsWith(
                Letters,
                string.Concat(chunks.Where(chunk => chunk.Id == "many").Select(chunk => chunk.Text)),
                StringComparison.Ordinal
            );
            Assert.True(many.PromptTokens + many.CompletionTokens <= 64);
            Assert.True(many.FinishReason == "stop" || many.PromptTokens + many.CompletionTokens == 64);
        }

        Stop();
        Assert.Equal(WorkerState.Stopped, await job);
    }

    /// <summary>Rows that share a batch with others, of other lengths and adapters, come out as they do alone.</summary>
    [Fact]
    public async Task Serve_DifferentAdaptersTogether_AnswerAsAlone()
    {
        var names = (string[])["base", "one", "two"];
        var (job, socket) = Start([.. names.Skip(1).Select((name, index) => Adapter(name, seed: index + 1))]);
        using (var client = await ConnectAsync(socket))
        {
            await SendAsync(client, new ServeHello("secret"));
            var alone = new Dictionary<string, string>();
            foreach (var name in names)
            {
                await SendAsync(client, Ask(name));
                alone[name] = string.Concat((await ReadUntilEndsAsync(client, 1)).Select(chunk => chunk.Text));
            }

            foreach (var name in names)
            {
                await SendAsync(client, Ask(name));
            }

            var together = await ReadUntilEndsAsync(client, 3);
            Assert.All(
                names,
                name => Assert.Equal(alone[name], string.Concat(together.Where(chunk => chunk.Id == name).Select(chunk => chunk.Text)))
            );
            Assert.Equal(3, alone.Values.Distinct().Count());
        }

        Stop();
        await job;

        static GenerateRequest Ask(string name) => new(name, name, Prompt: $"the card {name}") { MaxNewTokens = 12 };
    }

    [Fact]
    public async Task Serve_EchoWithLogProbabilities_TellsHowLikelyTheTextIs()
    {
        var (job, socket) = Start();
        using (var client = await ConnectAsync(socket))
        {
            await SendAsync(client, new ServeHello("secret"));
            await SendAsync(
                client,
                new GenerateRequest("a", "base", Prompt: "the card")
                {
                    MaxNewTokens = 2,
                    Echo = true,
                    LogProbabilities = 2,
                }
            );
            var chunks = await ReadUntilEndsAsync(client, 1);
            Assert.StartsWith("the card", string.Concat(chunks.Select(chunk => chunk.Text)), StringComparison.Ordinal);
            var tokens = chunks.SelectMany(chunk => chunk.Tokens ?? []).ToList();
            Assert.Null(tokens[0].LogProbability);
            Assert.All(
                tokens.Skip(1),
                token => Assert.True(token.LogProbability <= token.Likeliest[0].LogProbability && token.Likeliest.Count == 2)
            );
        }

        Stop();
        await job;
    }

    [Fact]
    public async Task Serve_EncoderDecoder_ReadsTheMessagesAndAnswersInPieces()
    {
        var (job, socket) = Start(baseModel: TinyEncoderDecoder.Write(_folder.File("t5")));
        using (var client = await ConnectAsync(socket))
        {
            await SendAsync(client, new ServeHello("secret"));
            await SendAsync(client, new GenerateRequest("a", "base", [new("user", "the lost card")]) { MaxNewTokens = 12 });
            await SendAsync(client, new GenerateRequest("b", "base", Prompt: new string('q', 100)) { MaxNewTokens = 4 });
            var chunks = await ReadUntilEndsAsync(client, 2);
            var answer = chunks.Where(chunk => chunk.Id == "a").ToList();
            Assert.True(answer.Count > 2 && answer[^1].FinishReason is "stop" or "length");
            Assert.Contains("reads at most 64", Assert.Single(chunks, chunk => chunk.Id == "b").Error, StringComparison.Ordinal);
        }

        Stop();
        Assert.Equal(WorkerState.Stopped, await job);
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
        Assert.DoesNotContain(
            pieces,
            piece => piece.Contains('\uFFFD', StringComparison.Ordinal) || (piece.Length > 0 && char.IsHighSurrogate(piece[^1]))
        );
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

    private RunFolder Folder => new(_folder.Path);

    private NamedAdapter Adapter(string name, long seed)
    {
        var folder = _folder.File(name);
        var model = ModelStore.Load(
            TinyModel.Spec(_folder).BaseModel,
            TorchSharp.torch.ScalarType.Float32,
            TorchSharp.torch.ScalarType.Float32,
            TorchSharp.torch.CPU
        );
        using var adapter = LoraAdapter.Create(
            model,
            new MethodSpec
            {
                Rank = 4,
                Alpha = 4,
                Targets = MethodSpec.Everything,
            },
            seed
        );
        using var _ = TorchSharp.torch.no_grad();
        TorchSharp.torch.manual_seed(seed);
        foreach (var tensor in adapter.Updates.Values.SelectMany(update => update.Tensors).Select(pair => pair.Value))
        {
            tensor.normal_(0, 0.5);
        }

        PeftFolder.Save(folder, adapter, "tiny");
        return new(name, folder);
    }

    private (Task<WorkerState> Job, string Socket) Start(IReadOnlyList<NamedAdapter>? adapters = null, string? baseModel = null)
    {
        var socket = _folder.File("s");
        var spec = new ServeSpec
        {
            BaseModel = baseModel ?? TinyModel.Spec(_folder).BaseModel,
            Threads = 1,
            Socket = socket,
            TokenVariable = Variable,
            Adapters = adapters ?? [],
        };
        var job = Task.Run(() =>
        {
            using var events = new EventWriter(Folder.Events);
            return new ServeJob(TestJobs.Context(Folder, spec, events)).Run(TestContext.Current.CancellationToken);
        });
        Assert.True(
            SpinWait.SpinUntil(
                () => job.IsFaulted || (File.Exists(Folder.Events) && new FileInfo(Folder.Events).Length > 0),
                TimeSpan.FromSeconds(20)
            )
        );
        return (job, socket);
    }

    private void Stop() =>
        File.WriteAllText(
            Folder.Control,
            JsonSerializer.Serialize(new ControlMessage(1, ControlAction.Stop, DateTimeOffset.UtcNow), ProtocolJson.Line) + "\n"
        );

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
