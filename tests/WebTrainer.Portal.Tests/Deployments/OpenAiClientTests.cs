using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Portal.Tests.Deployments;

/// <summary>The official client, the whole portal, and a real worker with the base that ships.</summary>
[Trait("Category", "Slow")]
public sealed class OpenAiClientTests(OpenAiClientTests.ServingPortal serving) : IClassFixture<OpenAiClientTests.ServingPortal>
{
    private const string Base = "webtrainer-base-8m",
        Encoder = "tiny-bert";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Chat_WholeAndStreamed_AreTheSameBySeed_AndUsageIsTold()
    {
        var chat = (await serving.ClientAsync()).GetChatClient(Base);
        ChatMessage[] messages = [new UserChatMessage("Who was the king?")];
#pragma warning disable OPENAI001 // the client's own word for this part of it: it may still change
        var options = new ChatCompletionOptions
        {
            MaxOutputTokenCount = 16,
            Temperature = 1,
            Seed = 7,
            IncludeLogProbabilities = true,
            TopLogProbabilityCount = 2,
        };
#pragma warning restore OPENAI001
        var whole = (await chat.CompleteChatAsync(messages, options, Ct)).Value;
        Assert.InRange(whole.Usage.OutputTokenCount, 1, 16);
        Assert.Equal(whole.Usage.OutputTokenCount, whole.ContentTokenLogProbabilities.Count);
        Assert.All(whole.ContentTokenLogProbabilities, token => Assert.Equal(2, token.TopLogProbabilities.Count));
        var (streamed, usage) = (new StringBuilder(), (ChatTokenUsage?)null);
        await foreach (var update in chat.CompleteChatStreamingAsync(messages, options, Ct))
        {
            streamed.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            usage = update.Usage ?? usage;
        }

        Assert.Equal(whole.Content[0].Text, streamed.ToString());
        Assert.Equal(whole.Usage.TotalTokenCount, usage!.TotalTokenCount);
    }

    [Fact]
    public async Task StructuredOutput_IsJsonOfTheSchema_WholeStreamedAndAsAnyObject()
    {
        var chat = (await serving.ClientAsync()).GetChatClient(Base);
        var options = new ChatCompletionOptions
        {
            MaxOutputTokenCount = 120,
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat(
                "ticket",
                BinaryData.FromString(
                    """
                    {"type":"object","properties":{"label":{"type":"string","enum":["card","transfer"]},"sure":{"type":"number","minimum":0,"maximum":1},"words":{"type":"array","items":{"type":"string","maxLength":20},"maxItems":3}},
                     "required":["label","sure","words"],"additionalProperties":false}
                    """
                ),
                jsonSchemaIsStrict: true
            ),
        };
        ChatMessage[] messages = [new UserChatMessage("Where is my card?")];
        var answer = JsonDocument.Parse((await chat.CompleteChatAsync(messages, options, Ct)).Value.Content[0].Text).RootElement;
        Assert.Contains(answer.GetProperty("label").GetString(), (string[])["card", "transfer"]);
        Assert.InRange(answer.GetProperty("sure").GetDouble(), 0, 1);
        var streamed = new StringBuilder();
        await foreach (var update in chat.CompleteChatStreamingAsync(messages, options, Ct))
        {
            streamed.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
        }

        Assert.Equal(3, JsonDocument.Parse(streamed.ToString()).RootElement.EnumerateObject().Count());
        options = new ChatCompletionOptions { MaxOutputTokenCount = 60, ResponseFormat = ChatResponseFormat.CreateJsonObjectFormat() };
        var any = (await chat.CompleteChatAsync(messages, options, Ct)).Value.Content[0].Text;
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(any).RootElement.ValueKind);
    }

    [Fact]
    public async Task SchemaThatIsNotSupported_Is400_WithTheFieldAndThePath()
    {
        var chat = (await serving.ClientAsync()).GetChatClient(Base);
        var options = new ChatCompletionOptions
        {
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat(
                "x",
                BinaryData.FromString("""{"type":"object","properties":{"a":{"type":"string","pattern":"b"}}}""")
            ),
        };
        var refusal = await Assert.ThrowsAsync<ClientResultException>(() =>
            chat.CompleteChatAsync([new UserChatMessage("x")], options, Ct)
        );
        Assert.Equal(400, refusal.Status);
        var error = JsonDocument.Parse(refusal.GetRawResponse()!.Content).RootElement.GetProperty("error");
        Assert.Equal("response_format", error.GetProperty("param").GetString());
        Assert.Contains("'properties.a.pattern'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>The client has no word for several answers, so it is given the body as it is.</summary>
    [Fact]
    public async Task SeveralAnswers_HaveAnIndexEach_AndStopAtTheStop()
    {
        var chat = (await serving.ClientAsync()).GetChatClient(Base);
        using var body = BinaryContent.Create(
            BinaryData.FromString(
                $$"""{"model":"{{Base}}","messages":[{"role":"user","content":"Tell me of the sea."}],"n":3,"seed":1,"max_completion_tokens":20,"stop":[" the"],"logprobs":true}"""
            )
        );
        var answer = JsonDocument.Parse((await chat.CompleteChatAsync(body)).GetRawResponse().Content).RootElement;
        var choices = answer.GetProperty("choices").EnumerateArray().ToList();
        Assert.Equal([0, 1, 2], choices.Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.True(choices.Select(choice => choice.GetProperty("message").GetProperty("content").GetString()).Distinct().Count() > 1);
        Assert.All(
            choices,
            choice =>
                Assert.DoesNotContain(" the", choice.GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal)
        );
        var written = choices.Sum(choice => choice.GetProperty("logprobs").GetProperty("content").GetArrayLength());
        Assert.InRange(answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), written, written + 3);
    }

    [Fact]
    public async Task PromptThatRepeats_IsToldAsCached()
    {
        var chat = (await serving.ClientAsync()).GetChatClient(Base);
        var system = new SystemChatMessage(string.Join(' ', Enumerable.Repeat("Answer as a captain would, in few words.", 20)));
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 2 };
        await chat.CompleteChatAsync([system, new UserChatMessage("Where to?")], options, Ct);
        var usage = (await chat.CompleteChatAsync([system, new UserChatMessage("And when?")], options, Ct)).Value.Usage;
        Assert.InRange(usage.InputTokenDetails.CachedTokenCount, 64, usage.InputTokenCount - 1);
    }

    [Fact]
    public async Task Embeddings_OfTextsThatShareWords_LieNearer_AndNumbersEqualBase64()
    {
        var client = await serving.ClientAsync();
        Assert.Contains(Encoder, (await client.GetOpenAIModelClient().GetModelsAsync(Ct)).Value.Select(model => model.Id));
        var embeddings = client.GetEmbeddingClient(Encoder);
        var vectors = (
            await embeddings.GenerateEmbeddingsAsync(["where is my card", "my card", "money abroad"], cancellationToken: Ct)
        ).Value;
        Assert.Equal([0, 1, 2], vectors.Select(vector => vector.Index));
        Assert.True(vectors.Usage.InputTokenCount > 8);
        var all = vectors.Select(vector => vector.ToFloats().ToArray()).ToList();
        Assert.All(all, vector => Assert.InRange(Product(vector, vector), 0.99, 1.01));
        Assert.True(Product(all[0], all[1]) > Product(all[0], all[2]));

        using var http = await serving.HttpAsync();
        using var raw = await http.PostAsJsonAsync(
            "/v1/embeddings",
            new
            {
                model = Encoder,
                input = "my card",
                encoding_format = "float",
            },
            Ct
        );
        var numbers = JsonDocument
            .Parse(await raw.Content.ReadAsStringAsync(Ct))
            .RootElement.GetProperty("data")[0]
            .GetProperty("embedding")
            .EnumerateArray()
            .Select(number => number.GetSingle())
            .ToArray();
        Assert.InRange(Product(numbers, all[1]), 0.999, 1.001);
    }

    [Theory]
    [InlineData($$"""{"model":"{{Encoder}}","input":"a","dimensions":8}""", "dimensions", 400)]
    [InlineData($$"""{"model":"{{Encoder}}","input":[]}""", "input", 400)]
    [InlineData($$"""{"model":"{{Encoder}}","input":[[1,2]]}""", "input[0]", 400)]
    [InlineData($$"""{"model":"{{Encoder}}","input":"a","encoding_format":"int8"}""", "encoding_format", 400)]
    [InlineData($$"""{"model":"{{Encoder}}","input":"a","truncate":true}""", "truncate", 400)]
    [InlineData($$"""{"model":"{{Base}}","input":"a"}""", "model", 400)]
    [InlineData("""{"model":"nobody","input":"a"}""", "model", 404)]
    public async Task Embeddings_OfWhatIsNotDone_AreRefusedWithTheField(string body, string field, int status)
    {
        using var http = await serving.HttpAsync();
        using var answer = await http.PostAsync("/v1/embeddings", new StringContent(body, Encoding.UTF8, "application/json"), Ct);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("error");
        Assert.Equal((status, field), ((int)answer.StatusCode, error.GetProperty("param").GetString()));
    }

    /// <summary>A key that may have one request under way can send the next as soon as it has hung up.</summary>
    [Fact]
    public async Task HangingUp_FreesTheSlotWithinASecond()
    {
        using var http = await serving.HttpAsync();
        var body = $$"""{"model":"{{Base}}","prompt":"Once upon a time","max_tokens":450,"stream":true,"n":8,"temperature":1}""";
        using (var asked = new HttpRequestMessage(HttpMethod.Post, "/v1/completions"))
        {
            asked.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await http.SendAsync(asked, HttpCompletionOption.ResponseHeadersRead, Ct);
            answer.EnsureSuccessStatusCode();
            await using var stream = await answer.Content.ReadAsStreamAsync(Ct);
            Assert.True(await stream.ReadAsync(new byte[16], Ct) > 0);
            using var beside = await http.GetAsync("/v1/models", Ct);
            Assert.Equal(HttpStatusCode.TooManyRequests, beside.StatusCode);
        }

        var watch = Stopwatch.StartNew();
        HttpStatusCode status;
        do
        {
            using var next = await http.GetAsync("/v1/models", Ct);
            status = next.StatusCode;
        } while (status == HttpStatusCode.TooManyRequests && watch.Elapsed < TimeSpan.FromSeconds(5));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 1);
    }

    private static double Product(float[] x, float[] y) => x.Zip(y, (a, b) => (double)a * b).Sum();

    /// <summary>A portal with a small encoder, whose keys may have one request under way; skips where no worker was built.</summary>
    public sealed class ServingPortal : IAsyncDisposable
    {
        private static readonly string s_worker = Path.Combine(
            AppContext.BaseDirectory.Replace(
                Path.Combine("tests", "WebTrainer.Portal.Tests"),
                Path.Combine("src", "WebTrainer.Worker"),
                StringComparison.Ordinal
            ),
            "WebTrainer.Worker.dll"
        );

        private static int s_people;
        private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-serving-").FullName;
        private readonly WebPortal _portal;

        public ServingPortal()
        {
            new TinyBert { Words = ["where", "is", "my", "card", "money", "abroad"] }.Write(Path.Combine(_folder, "models", Encoder));
            _portal = new WebPortal(_folder)
            {
                Settings =
                {
                    ["Jobs:WorkerPath"] = s_worker,
                    ["Jobs:ServeStartTimeout"] = "00:05:00",
                    ["Endpoint:RequestsAtOnceOfKey"] = "1",
                },
            };
        }

        /// <summary>With a key of its own.</summary>
        public async Task<HttpClient> HttpAsync()
        {
            if (!File.Exists(s_worker))
            {
                Assert.Skip("The worker is not built beside these tests.");
            }

            var (_, lead) = await _portal.PersonAsync($"caller{Interlocked.Increment(ref s_people)}");
            var project = await _portal.ProjectAsync(lead);
            var secret = SecretToken.Create(ApiKey.Prefix);
            await using var db = await _portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
            db.ApiKeys.Add(new ApiKey(project, "test", secret, lead, DateTimeOffset.UtcNow, bounds: new KeyBounds { ReachesRuns = true }));
            await db.SaveChangesAsync(Ct);
            var client = _portal.CreateClient();
            client.Timeout = TimeSpan.FromMinutes(10);
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
            return client;
        }

        public async Task<OpenAIClient> ClientAsync()
        {
            var http = await HttpAsync();
            return new OpenAIClient(
                new ApiKeyCredential(http.DefaultRequestHeaders.Authorization!.Parameter!),
                new OpenAIClientOptions
                {
                    Endpoint = new Uri(http.BaseAddress!, "/v1"),
                    Transport = new HttpClientPipelineTransport(http),
                    NetworkTimeout = TimeSpan.FromMinutes(10),
                }
            );
        }

        public async ValueTask DisposeAsync()
        {
            await _portal.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
