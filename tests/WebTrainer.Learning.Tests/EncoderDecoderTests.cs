using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Learning.Serving;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>What is asked of an encoder-decoder that answers, with its weights at hand.</summary>
public sealed class EncoderDecoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ILanguageModel _model;
    private readonly ConversationEncoder _encoder;

    public EncoderDecoderTests()
    {
        var path = TinyEncoderDecoder.Write(_folder.File("t5"));
        _model = ModelStore.LoadLanguageModel(path, ScalarType.Float32, ScalarType.Float32, CPU);
        _encoder = ConversationEncoder.Of(path, PromptTemplate.Chat, _model.Config.ContextTokens, apart: true);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Row_IsAPromptWithAnEnd_AndAnAnswerWithAnEnd()
    {
        var end = _encoder.Tokenizer.EndId!.Value;
        var row = _encoder.Encode(new("r", [new("system", "Be brief."), new("user", "lost card"), new("assistant", "refund")]));
        Assert.Equal([.. _encoder.Tokenizer.Encode("Be brief.\n\nlost card"), end], row.Tokens[..row.AnswerStart]);
        Assert.Equal([.. _encoder.Tokenizer.Encode("refund"), end], row.Tokens[row.AnswerStart..]);
        Assert.True(_encoder.AppendsEnd);
    }

    /// <summary>Each of the two has the context for itself; the prompt keeps its right end, the answer its left one.</summary>
    [Fact]
    public void RowLongerThanTheContext_LosesThePromptsLeftEnd_AndTheAnswersRightEnd()
    {
        var row = _encoder.Encode(new("r", [new("user", new string('q', 200)), new("assistant", new string('z', 200))]));
        Assert.True(row.Truncated);
        Assert.Equal((64, 128), (row.AnswerStart, row.Tokens.Length));
        Assert.Equal(_encoder.Tokenizer.EndId, row.Tokens[63]);
        Assert.False(_encoder.Encode(new("r", [new("user", new string('q', 50)), new("assistant", new string('z', 50))])).Truncated);
    }

    /// <summary>Prompts of different lengths side by side, one of which leaves on the way.</summary>
    [Fact]
    public void CachedTokens_HaveTheScoresOfWholeRows()
    {
        using var _ = no_grad();
        List<IReadOnlyList<int>> prompts =
        [
            [7, 8, 9, 10, 11, 12, 13],
            [20, 21],
            [30, 31, 32, 33],
        ];
        int[][] written =
        [
            [40, 41, 42, 43, 44],
            [50, 51],
            [60, 61, 62, 63, 64],
        ];
        var (batch, logits) = DecodingBatch.Start(_model, prompts);
        List<int> rows = [0, 1, 2];
        for (var step = 0; ; step++)
        {
            foreach (var (row, place) in rows.Select((row, place) => (row, place)))
            {
                var whole = _model.Logits(_model.Read([new(prompts[row], written[row][..step])]))[-1];
                Assert.True((whole - logits[place]).abs().max().item<float>() < 1e-4);
            }

            if (step == 2)
            {
                batch.Keep([0, 2]);
                rows = [0, 2];
            }

            if (step == 5)
            {
                break;
            }

            logits = batch.Step([.. rows.Select(row => written[row][step])]);
        }

        batch.Dispose();
    }

    [Fact]
    public void ChosenLabel_IsThatOfHighestLikelihood_AndItsConfidenceTheShareOfIt()
    {
        var runner = new RequestRunner(_model, _encoder, journal: null);
        foreach (var row in TinyModel.Rows(8))
        {
            var prompt = new Prompt(null, [.. row.Messages.SkipLast(1)]);
            var likelihoods = Run(runner, TinyModel.Labels.Select(label => new ContinuationRequest(prompt, label, Ends: true)))
                .Select(answer => answer.LogProbability)
                .ToList();
            var choice = Run(runner, [new ChoiceRequest(prompt, TinyModel.Labels) { IsWeighed = true }])[0];
            Assert.Equal(TinyModel.Labels[likelihoods.IndexOf(likelihoods.Max())], choice.Text);
            Assert.Equal(Math.Exp(likelihoods.Max()) / likelihoods.Sum(Math.Exp), choice.Confidence!.Value, 2e-3);
        }
    }

    [Fact]
    public void RowsLoss_IsThatOfTraining()
    {
        var row = TinyModel.Rows(3)[2];
        var answer = Run(
            new RequestRunner(_model, _encoder, journal: null),
            [new ContinuationRequest(new(null, [.. row.Messages.SkipLast(1)]), row.Messages[^1].Content, Ends: true)]
        )[0];
        var encoded = _encoder.Encode(row);
        var loss = Learning.Training.MeanLoss.Of(_model, [encoded], paddingId: 0, TestContext.Current.CancellationToken);
        Assert.Equal(encoded.LearnedTokens, answer.Tokens);
        Assert.Equal(loss, -answer.LogProbability / answer.Tokens, 1e-4);
    }

    /// <summary>Of both stacks, and of what stands between them.</summary>
    [Fact]
    public void MemoryEstimate_CountsWhatAnAdapterLearns_AndPromptAndAnswerBySizesOfTheirOwn()
    {
        var method = new MethodSpec { Rank = 4, Targets = [MethodSpec.AllLinearName] };
        MemoryEstimate Of(int prompt, int answer) =>
            MemoryEstimate.Of(
                _model.Config,
                new TrainSpec
                {
                    RunId = Guid.Empty,
                    BaseModel = "",
                    Method = method,
                },
                new PassShape(8, prompt + answer, 8 * answer) { PromptTokens = prompt, AnswerTokens = answer },
                bytes: 4,
                process: 0,
                teacher: null
            );
        using var adapter = LoraAdapter.Create(_model, method, seed: 1);
        Assert.Equal(16 * adapter.ParameterCount, Of(8, 8).Learning);
        var (neither, prompt, answer) = (Of(8, 8).Activations, Of(16, 8).Activations, Of(8, 16).Activations);
        Assert.True(neither < answer && answer < prompt); // the encoder has two layers, the decoder one
    }

    [Fact]
    public void WholeTexts_AreRefusedByName() =>
        Assert.Contains(
            "encoder-decoder",
            new RequestRunner(_model, _encoder, journal: null).WhyNot(new WholeTextRequest("the card")),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(WeightPrecision.EightBits, 0.1)]
    [InlineData(WeightPrecision.FourBits, 0.5)]
    public void PackedWeights_GiveScoresNearThoseOfWholeOnes(WeightPrecision precision, double tolerance)
    {
        using var _ = no_grad();
        var packed = ModelStore.LoadLanguageModel(_folder.File("t5"), ScalarType.Float32, ScalarType.Float32, CPU, precision);
        PromptAndAnswer[] rows = [new([7, 8, 9], [40, 41])];
        Assert.True(packed.Weights.Bytes < _model.Weights.Bytes);
        Assert.True((packed.Logits(packed.Read(rows)) - _model.Logits(_model.Read(rows))).abs().max().item<float>() < tolerance);
    }

    [Fact]
    public void Serve_GreedyAnswer_IsThatOfTheGenerator_StreamedInPieces_AndEndsAtAStop()
    {
        var prompt = _encoder.EncodePrompt([new("user", "the lost card")]);
        var greedy = GreedyGenerator.Generate(_model, [prompt], 12, _encoder.EndIds, TestContext.Current.CancellationToken)[0];
        var text = _encoder.Tokenizer.Decode(greedy);
        var request = new GenerateRequest("a", "base", [new("user", "the lost card")]) { MaxNewTokens = 12 };
        var chunks = Serve([], request)["a"];
        Assert.Equal(text, string.Concat(chunks.Select(chunk => chunk.Text)));
        Assert.True(chunks.Count > 2);
        Assert.Equal((prompt.Count, greedy.Count), (chunks[^1].PromptTokens, chunks[^1].CompletionTokens));
        var stop = text[(text.Length / 2)..];
        var stopped = Serve([], request with { Stop = [stop] })["a"];
        Assert.Equal("stop", stopped[^1].FinishReason);
        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], string.Concat(stopped.Select(chunk => chunk.Text)));
    }

    [Fact]
    public void Serve_AnswersOfOneSeed_AreTheSame_AndOfAnotherNot()
    {
        GenerateRequest Ask(string id, long seed) =>
            new(id, "base", Prompt: "the lost card")
            {
                MaxNewTokens = 16,
                Seed = seed,
                Sampling = new() { Temperature = 1 },
            };
        var answers = Serve([], Ask("a", 1), Ask("b", 1), Ask("c", 2));
        Assert.Equal(TextOf(answers["a"]), TextOf(answers["b"]));
        Assert.NotEqual(TextOf(answers["a"]), TextOf(answers["c"]));
    }

    /// <summary>Rows that share a batch with others, of other lengths and adapters, come out as they do alone.</summary>
    [Fact]
    public void Serve_DifferentAdaptersTogether_AnswerAsAlone()
    {
        NamedAdapter[] adapters = [Adapter("one", seed: 1), Adapter("two", seed: 2)];
        GenerateRequest[] requests =
        [
            .. new[] { "base", "one", "two" }.Select(name => new GenerateRequest(name, name, Prompt: $"the card {name}")
            {
                MaxNewTokens = 12,
            }),
        ];
        var alone = requests.ToDictionary(request => request.Id, request => TextOf(Serve(adapters, request)[request.Id]));
        Assert.Equal(alone, Serve(adapters, requests).ToDictionary(answer => answer.Key, answer => TextOf(answer.Value)));
        Assert.Equal(3, alone.Values.Distinct().Count());
    }

    [Fact]
    public void Serve_Echo_IsRefusedByName()
    {
        var refused = Assert.Single(Serve([], new GenerateRequest("a", "base", Prompt: "the card") { Echo = true })["a"]);
        Assert.Equal(RequestFault.Wrong, refused.Fault);
        Assert.Contains("encoder-decoder", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenWeight_IsFoundInItsStackAndLayer()
    {
        using var batch = Batch.Of([_encoder.Encode(TinyModel.Rows(1)[0])], paddingId: 0, CPU);
        Assert.Null(_model.FindNotFinite(batch));
        using var _ = no_grad();
        _model.Weights.Tensors["decoder.block.0.layer.1.EncDecAttention.v.weight"].fill_(double.NaN);
        Assert.Equal("layer 1 of 1 of the decoder", _model.FindNotFinite(batch));
        _model.Weights.Tensors["encoder.block.1.layer.1.DenseReluDense.wo.weight"].fill_(double.NaN);
        Assert.Equal("layer 2 of 2 of the encoder", _model.FindNotFinite(batch));
    }

    private static ModelResponse[] Run(RequestRunner runner, IEnumerable<ModelRequest> requests) =>
        runner.Run([.. requests], progress: null, TestContext.Current.CancellationToken);

    private static string TextOf(IEnumerable<GenerateChunk> chunks) => string.Concat(chunks.Select(chunk => chunk.Text));

    private Dictionary<string, List<GenerateChunk>> Serve(IReadOnlyList<NamedAdapter> adapters, params GenerateRequest[] requests)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var loop = new ServeLoop(new ModelSet(_folder.File("t5"), adapters, WeightPrecision.Full, CPU, cancellationToken), _encoder);
        var answers = requests.ToDictionary(request => request.Id, _ => new List<GenerateChunk>());
        foreach (var request in requests)
        {
            loop.Enqueue(new PendingRequest(request, chunk => answers[chunk.Id].Add(chunk)));
        }

        loop.Run(TimeSpan.Zero, cancellationToken);
        return answers;
    }

    private NamedAdapter Adapter(string name, long seed)
    {
        using var adapter = LoraAdapter.Create(_model, new MethodSpec { Rank = 4, Targets = [MethodSpec.AllLinearName] }, seed);
        using var _ = no_grad();
        manual_seed(seed);
        foreach (var tensor in adapter.Updates.Values.SelectMany(update => update.Tensors).Select(pair => pair.Value))
        {
            tensor.normal_(0, 0.3);
        }

        PeftFolder.Save(_folder.File(name), adapter, "t5");
        return new(name, _folder.File(name));
    }
}
