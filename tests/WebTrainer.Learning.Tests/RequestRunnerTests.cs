using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class RequestRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CausalLM _model;
    private readonly ConversationEncoder _encoder;

    public RequestRunnerTests()
    {
        var path = TinyModel.Write(_folder.File("base"));
        _model = ModelStore.Load(
            path,
            ScalarType.Float32,
            ScalarType.Float32,
            CPU,
            WeightPrecision.Full,
            TestContext.Current.CancellationToken
        );
        _encoder = new(TextTokenizer.Load(path), PromptTemplate.Chat, _model.Config.ContextTokens);
    }

    [Fact]
    public void Continuations_HaveTheSumOfTheirTokensLogProbabilities()
    {
        List<ContinuationRequest> requests =
        [
            .. new[] { " A", " B", " the card was lost", " refund" }.Select(text => new ContinuationRequest(
                new("The phone\nAnswer:", null),
                text
            )),
        ];
        var answers = Run(requests);
        foreach (var (request, answer) in requests.Zip(answers))
        {
            List<int> prompt = [.. _encoder.Tokenizer.Encode(request.Prompt.Text!)],
                whole = [.. _encoder.Tokenizer.Encode(request.Prompt.Text + request.Continuation)];
            Assert.Equal((whole.Count - prompt.Count, Likelihood(whole, prompt.Count)), (answer.Tokens, answer.LogProbability), new Near());
        }
    }

    [Fact]
    public void RowsLoss_IsThatOfTraining()
    {
        var row = TinyModel.Rows(3)[2];
        var encoded = _encoder.Encode(row);
        var answer = Run([new ContinuationRequest(new(null, [.. row.Messages.SkipLast(1)]), row.Messages[^1].Content, Ends: true)])[0];
        Assert.Equal(
            (encoded.LearnedTokens, Likelihood([.. encoded.Tokens], encoded.AnswerStart)),
            (answer.Tokens, answer.LogProbability),
            new Near()
        );
    }

    [Fact]
    public void WholeText_LongerThanTheContext_CountsEachTokenOnce()
    {
        var text = string.Join(' ', Enumerable.Repeat("the card was lost and the phone too", 40));
        List<int> tokens = [.. _encoder.Tokenizer.Encode(text)];
        Assert.True(tokens.Count > 3 * _model.Config.ContextTokens);
        var answer = Run([new WholeTextRequest(text)])[0];
        List<int> whole = [_encoder.Tokenizer.EndId!.Value, .. tokens];
        var (expected, context) = (0.0, _model.Config.ContextTokens);
        for (var done = 1; done < whole.Count; done += context)
        {
            var end = Math.Min(whole.Count, done + context);
            var begin = Math.Max(0, end - context - 1);
            expected += Likelihood(whole[begin..end], done - begin);
        }

        Assert.Equal((tokens.Count, expected), (answer.Tokens, answer.LogProbability), new Near());
    }

    [Fact]
    public void PromptLongerThanTheContext_LosesItsLeftEnd()
    {
        var prompt = string.Join(' ', Enumerable.Repeat("the card was lost", 60));
        var answer = Run([new ContinuationRequest(new(prompt, null), " refund")])[0];
        List<int> whole = [.. _encoder.Tokenizer.Encode(prompt + " refund")];
        List<int> seen = whole[^(_model.Config.ContextTokens + 1)..];
        Assert.Equal((answer.Tokens, Likelihood(seen, seen.Count - answer.Tokens)), (answer.Tokens, answer.LogProbability), new Near());
    }

    [Fact]
    public void Texts_EndAtAStopSequenceAndAtTheirLimit()
    {
        TextRequest Ask(params string[] stops) => new(Prompt.Chat("The card"), 12, stops) { Temperature = 3, Seed = 5 };
        var free = Run([Ask()])[0];
        Assert.InRange(free.Tokens, 4, 12);
        var stop = free.Text[2..4];
        Assert.Equal(free.Text[..free.Text.IndexOf(stop, StringComparison.Ordinal)], Run([Ask(stop)])[0].Text);
    }

    [Fact]
    public void Samples_DifferByTheirNumberAndRepeatByTheirSeed()
    {
        TextRequest Sample(int number, long seed) =>
            new(Prompt.Chat("The card"), 16, [])
            {
                Temperature = 2,
                Seed = seed,
                Sample = number,
            };
        var texts = Run([Sample(0, 1), Sample(1, 1), Sample(0, 2)]).Select(answer => answer.Text).ToList();
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal(texts, Run([Sample(0, 1), Sample(1, 1), Sample(0, 2)]).Select(answer => answer.Text));
    }

    /// <summary>
    /// A template without an end of answers: the shorter label would always be likelier than the one that goes on with it.
    /// </summary>
    [Fact]
    public void Choices_LabelsOfWhichOneBeginsAnother_AreEndedByTheTextsEnd()
    {
        string[] labels = ["refund", "refund late", "lost"];
        var open = new ConversationEncoder(
            _encoder.Tokenizer,
            PromptTemplate.Chat with
            {
                AssistantSuffix = "",
            },
            _model.Config.ContextTokens
        );
        var tokens = LabelEncoding.Of(open, labels);
        Assert.All(tokens, label => Assert.Equal(_encoder.Tokenizer.EndId, label[^1]));
        var choices = new LabelChooser(_model, tokens).Choose(
            [.. Enumerable.Range(0, 4).Select(i => (IReadOnlyList<int>)[i + 1, i + 2])],
            weigh: true,
            TestContext.Current.CancellationToken
        );
        Assert.All(choices, choice => Assert.InRange(choice.Probability!.Value, 1 / 3.0, 1));
        Assert.Equal(open.EncodeAnswer("lost"), LabelEncoding.Of(open, ["lost", "refund"])[0]); // without need nothing is added
    }

    [Fact]
    public void Choices_AreThoseOfTheLabelChooser()
    {
        List<ModelRequest> requests =
        [
            .. TinyModel.Rows(9).Select(row => new ChoiceRequest(new(null, [.. row.Messages.SkipLast(1)]), TinyModel.Labels)),
        ];
        var chosen = new LabelChooser(_model, [.. TinyModel.Labels.Select(label => _encoder.EncodeAnswer(label).ToArray())]).Choose(
            [.. TinyModel.Rows(9).Select(row => _encoder.EncodePrompt(row.Messages.SkipLast(1)))],
            weigh: true,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(chosen.Select(choice => TinyModel.Labels[choice.Label]), Run(requests).Select(answer => answer.Text));
        Assert.All(Run(requests), answer => Assert.Null(answer.Confidence));
        var weighed = Run([.. requests.Select(request => (ChoiceRequest)request with { IsWeighed = true })]);
        Assert.Equal(Run(requests).Select(answer => answer.Text), weighed.Select(answer => answer.Text));
        Assert.Equal(
            chosen.Select(choice => choice.Probability!.Value),
            weighed.Select(answer => answer.Confidence!.Value),
            (a, b) => Math.Abs(a - b) < 1e-3
        );
    }

    [Fact]
    public void Journal_AfterAKill_RepeatsNothingThatIsWhole()
    {
        var requests = Enumerable
            .Range(0, 50)
            .Select(i => (ModelRequest)new ContinuationRequest(new($"number {i}", null), " lost"))
            .ToList();
        using (var journal = AnswerJournal.Open(_folder.File("cache"), _folder.File("mine"), "model"))
        {
            new RequestRunner(_model, _encoder, journal).Run(requests[..30], null, TestContext.Current.CancellationToken);
        }

        File.AppendAllText(Path.Combine(_folder.File("cache"), "model.jsonl"), "{\"key\":\"half a li");
        using var again = AnswerJournal.Open(_folder.File("cache"), _folder.File("mine"), "model");
        var told = new List<int>();
        var answers = new RequestRunner(_model, _encoder, again).Run(requests, told.Add, TestContext.Current.CancellationToken);
        Assert.Equal(30, told[0]);
        Assert.Equal(Run(requests), answers);
        again.Dispose();
        Assert.Equal(50, File.ReadLines(Path.Combine(_folder.File("cache"), "model.jsonl")).Count());
    }

    [Fact]
    public void Journal_ThatAnotherWorkerHasOpen_IsNotShared()
    {
        using var first = AnswerJournal.Open(_folder.File("cache"), _folder.File("mine"), "model");
        using var second = AnswerJournal.Open(_folder.File("cache"), _folder.File("mine"), "model");
        second.Add([("a", new("text", 0, 0))]);
        Assert.Null(first.Find("a"));
        Assert.True(File.Exists(Path.Combine(_folder.File("mine"), "model.jsonl")));
    }

    public void Dispose() => _folder.Dispose();

    private ModelResponse[] Run(IReadOnlyList<ModelRequest> requests) =>
        new RequestRunner(_model, _encoder, journal: null).Run(requests, null, TestContext.Current.CancellationToken);

    private double Likelihood(List<int> tokens, int start)
    {
        using var _ = no_grad();
        using var logits = _model
            .Logits(_model.Forward(tensor(tokens.SkipLast(1).Select(token => (long)token).ToArray(), [1, tokens.Count - 1])))[0]
            .log_softmax(-1);
        return Enumerable.Range(start, tokens.Count - start).Sum(place => (double)logits[place - 1, tokens[place]].item<float>());
    }

    private sealed class Near : IEqualityComparer<(int Tokens, double LogProbability)>
    {
        public bool Equals((int Tokens, double LogProbability) x, (int Tokens, double LogProbability) y) =>
            x.Tokens == y.Tokens && Math.Abs(x.LogProbability - y.LogProbability) < 1e-3;

        public int GetHashCode((int Tokens, double LogProbability) value) => value.Tokens;
    }
}
