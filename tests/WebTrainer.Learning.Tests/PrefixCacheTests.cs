using System.Diagnostics;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Serving;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Prompts that begin alike, read once.</summary>
[Trait("Category", "Slow")]
public sealed class PrefixCacheTests
{
    private static readonly string s_story = string.Join(
        ' ',
        Enumerable.Range(0, 60).Select(i => $"Once upon a time there was a king with {i} horses, and none of them was white.")
    );

    /// <summary>Words and log-probabilities, bit for bit, whether the beginning was read now or before.</summary>
    [Fact]
    public async Task Answers_AreTheSameWithAndWithoutTheCache_ToTheLastBit()
    {
        using var without = LoopRunner.Shipped(prefixCacheBytes: 0);
        using var with = LoopRunner.Shipped(prefixCacheBytes: 1 << 28);
        foreach (
            var (length, end) in ((int, string)[])[(1200, "The king"), (1200, "But one day"), (300, "Then"), (1200, "The king"), (9, "")]
        )
        {
            var request = new GenerateRequest("a", "base", Prompt: s_story[..length] + end)
            {
                MaxNewTokens = 24,
                LogProbabilities = 2,
                Sampling = new() { Temperature = 1 },
                Seed = length,
            };
            var (expected, answered) = (await without.AskAsync(request), await with.AskAsync(request));
            Assert.Equal(LoopRunner.Text(expected), LoopRunner.Text(answered));
            Assert.Equal(Likelihoods(expected), Likelihoods(answered));
            Assert.Equal(0, expected[^1].CachedTokens);
        }

        Assert.Contains("from the cache", with.Loop.Figures, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CachedTokens_AreWholeBlocksOfWhatBeganAlike_AndNeverTheLastToken()
    {
        using var loop = LoopRunner.Shipped(prefixCacheBytes: 1 << 28);
        async Task<(int? Prompt, int? Cached)> AskAsync(string prompt, int answers = 1)
        {
            var last = (await loop.AskAsync(new GenerateRequest("a", "base", Prompt: prompt) { MaxNewTokens = 1, Answers = answers }))[^1];
            return (last.PromptTokens, last.CachedTokens);
        }

        var first = await AskAsync(s_story[..1600] + " The end");
        Assert.Equal(0, first.Cached);
        var again = await AskAsync(s_story[..1600] + " The end");
        Assert.Equal(first.Prompt, again.Prompt);
        Assert.Equal((first.Prompt - 1) / PrefixCache.BlockTokens * PrefixCache.BlockTokens, again.Cached);
        var other = await AskAsync(s_story[..1600] + " No, it goes on");
        Assert.InRange(other.Cached!.Value, again.Cached!.Value - PrefixCache.BlockTokens, again.Cached.Value);
        Assert.Equal(0, (await AskAsync("Never" + s_story[..1600])).Cached);
        Assert.Equal(again.Cached, (await AskAsync(s_story[..1600] + " The end", answers: 3)).Cached); // counted once, as the prompt is
    }

    [Fact]
    public void Read_BeyondTheMemory_ForgetsWhatWasUsedLongestAgo()
    {
        var (model, encoder) = Load();
        using var _ = inference_mode();
        int[][] prompts =
        [
            .. "abc".Select(letter => encoder.EncodePrompt(letter + s_story).Take((3 * PrefixCache.BlockTokens) + 1).ToArray()),
        ];
        long blockBytes;
        using (var measured = new PrefixCache(long.MaxValue))
        {
            Assert.Equal(0, Read(measured, prompts[0]));
            blockBytes = measured.Bytes / 3;
        }

        using var cache = new PrefixCache(6 * blockBytes);
        Assert.Equal([0, 0], [Read(cache, prompts[0]), Read(cache, prompts[1])]);
        Assert.Equal(3 * PrefixCache.BlockTokens, Read(cache, prompts[0]));
        Assert.Equal(0, Read(cache, prompts[2])); // the second goes, whose blocks were used before those of the first
        Assert.Equal(6 * blockBytes, cache.Bytes);
        Assert.Equal(3 * PrefixCache.BlockTokens, Read(cache, prompts[0]));
        Assert.Equal(0, Read(cache, prompts[1]));

        int Read(PrefixCache from, int[] prompt)
        {
            var (batch, logits, cached) = from.Read(model, null, prompt);
            batch.Dispose();
            logits.Dispose();
            return cached;
        }
    }

    /// <summary>
    /// How long the scores of the first token take behind 400 tokens that repeat: from the cache, without it, and in one pass as before
    /// there was one. The medians are for benchmarks/serving.
    /// </summary>
    [Fact]
    [Trait("Category", "Long")]
    public void FirstToken_BehindALongPrefix_ComesSoonerThanWithoutTheCache()
    {
        var (model, encoder) = Load();
        using var _ = inference_mode();
        using var with = new PrefixCache(1 << 28);
        using var without = new PrefixCache(0);
        var prompts = Enumerable
            .Range(0, 21)
            .Select(i => (int[])[.. encoder.EncodePrompt(s_story).Take(400), .. encoder.EncodePrompt($" Question {i}")])
            .ToList();
        var (times, furthest) = (
            (List<double>[])
                [
                    [],
                    [],
                    [],
                ],
            0f
        );
        foreach (var prompt in prompts)
        {
            using var scope = NewDisposeScope();
            Tensor[] scores =
            [
                Timed(times[0], () => Generation.DecodingBatch.Start(model, [prompt])),
                Timed(times[1], () => without.Read(model, null, prompt) is var read ? (read.Batch, read.Logits) : default),
                Timed(times[2], () => with.Read(model, null, prompt) is var read ? (read.Batch, read.Logits) : default),
            ];
            Assert.Equal(0, (scores[1] - scores[2]).abs().max().item<float>());
            furthest = Math.Max(furthest, (scores[0] - scores[1]).abs().max().item<float>());
        }

        var medians = times.Select(own => own.Skip(1).Order().ElementAt(10)).ToList(); // the first read fills the cache
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"one pass {medians[0]:F1} ms, in blocks {medians[1]:F1} ms, from the cache {medians[2]:F1} ms; scores differ by at most {furthest}"
        );
        Assert.True(medians[2] < medians[1]);
    }

    private static Tensor Timed(List<double> times, Func<(Generation.DecodingBatch Batch, Tensor Logits)> read)
    {
        var watch = Stopwatch.StartNew();
        var (batch, logits) = read();
        times.Add(watch.Elapsed.TotalMilliseconds);
        batch.Dispose();
        return logits;
    }

    private static (Models.ILanguageModel Model, ConversationEncoder Encoder) Load()
    {
        var folder = ShippedFolder.Find();
        var models = new ModelSet(folder, [], WeightPrecision.Full, CPU, CancellationToken.None);
        return (models.Use(ModelSet.BaseName)!, ConversationEncoder.Of(folder, PromptTemplate.Chat, models.ContextTokens));
    }

    private static List<double?> Likelihoods(IEnumerable<GenerateChunk> chunks) =>
        [.. chunks.SelectMany(chunk => chunk.Tokens ?? []).Select(token => token.LogProbability)];
}
