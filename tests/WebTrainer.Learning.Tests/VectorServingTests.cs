using System.Runtime.InteropServices;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Serving;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Vectors of texts by a worker that also classifies.</summary>
public sealed class VectorServingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly LoopRunner _loop;

    public VectorServingTests()
    {
        _model = new TinyBert { Words = ["where", "is", "my", "card", "money"] }.Write(_folder.File("bert"));
        _loop = new(new ClassifyLoop(new ClassifierSet(_model, [], WeightPrecision.Full, CPU, CancellationToken.None)));
    }

    public void Dispose()
    {
        _loop.Dispose();
        _folder.Dispose();
    }

    /// <summary>Thousands of texts go through the layers in several passes, and each keeps its place.</summary>
    [Fact]
    public async Task Vectors_AreThoseOfTheEncoder_InTheOrderOfTheTexts()
    {
        string[] texts = [.. Enumerable.Range(0, 700).Select(i => string.Join(' ', Enumerable.Repeat($"card {i}", 1 + (i * 7 % 9))))];
        var last = Assert.Single(await AskAsync(texts));
        var encoder = SentenceEncoder.Load(_model, ComputeType.For(CPU), CPU);
        foreach (var place in (int[])[0, 1, 350, 699])
        {
            using var expected = encoder.Embed([encoder.Encode(texts[place]).Tokens]);
            var (own, vector) = (expected.data<float>().ToArray(), MemoryMarshal.Cast<byte, float>(last.Vectors![place]).ToArray());
            Assert.Equal(own.Length, vector.Length);
            Assert.InRange(own.Zip(vector, (x, y) => x * y).Sum(), 0.999, 1.001);
        }

        Assert.Equal(texts.Sum(text => encoder.Encode(text).Tokens.Length), last.PromptTokens);
    }

    [Fact]
    public async Task Text_LongerThanTheEncoderReads_IsRefusedByItsPlace()
    {
        var refused = Assert.Single(await AskAsync("card", string.Join(' ', Enumerable.Repeat("money", 100))));
        Assert.Equal(("error", RequestFault.TooLong), (refused.FinishReason, refused.Fault));
        Assert.Contains("input[1] is longer than the 64 tokens", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constraint_OrSeveralAnswers_OfAClassifier_AreRefused()
    {
        var request = new GenerateRequest("a", "base", [new("user", "x")]);
        var constrained = Assert.Single(await _loop.AskAsync(request with { Constraint = AnswerConstraint.AnyObject }));
        Assert.Equal(RequestFault.Constraint, constrained.Fault);
        Assert.Contains("one answer", Assert.Single(await _loop.AskAsync(request with { Answers = 2 })).Error, StringComparison.Ordinal);
    }

    private Task<List<GenerateChunk>> AskAsync(params string[] texts) =>
        _loop.AskAsync(new GenerateRequest("a", "base") { Texts = [.. texts.Select(text => new TextToClassify(text))], Vectors = true });
}
