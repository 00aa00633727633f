using System.Text.Json;
using WebTrainer.Learning.Models;

namespace WebTrainer.Learning.Tests;

/// <summary>
/// Rotary frequencies against those that transformers computes for the reference models, and against the papers' formulas.
/// </summary>
public sealed class RotaryScalingTests
{
    [Theory]
    [InlineData("gpt_oss")]
    [InlineData("phi3_longrope_partial75")]
    [InlineData("llama_tied_llama3rope")]
    [InlineData("smollm3")]
    [InlineData("gemma3_text_linear8")]
    public void Frequencies_EqualTheReference(string name)
    {
        var config = ModelConfig.Read(SharedFiles.Find("gold", "models", name));
        using var figures = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "models", name, "expected.json")));
        var expected = figures.RootElement.GetProperty("rotary_inverse_frequencies");
        if (expected.ValueKind == JsonValueKind.Array)
        {
            AssertFrequencies(expected, config.Rotary!, config.RotarySize);
        }
        else
        {
            AssertFrequencies(expected.GetProperty("model.rotary_emb.full_attention_inv_freq"), config.Rotary!, config.RotarySize);
            AssertFrequencies(expected.GetProperty("model.rotary_emb.sliding_attention_inv_freq"), config.WindowRotary!, config.RotarySize);
        }
    }

    [Theory]
    [InlineData("gpt_oss")]
    [InlineData("phi3_longrope_partial75")]
    public void Magnitude_EqualsTheReference(string name)
    {
        using var figures = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "models", name, "expected.json")));
        var expected = figures.RootElement.GetProperty("rotary_attention_scaling").GetProperty("model.rotary_emb").GetDouble();
        Assert.Equal(expected, ModelConfig.Read(SharedFiles.Find("gold", "models", name)).Rotary!.Scaling!.Magnitude, 1e-9);
    }

    [Fact]
    public void Dynamic_UpToTheOriginalContext_ChangesNothing()
    {
        var scaling = new DynamicScaling(4, 100);
        Assert.Equal(0, scaling.StageOf(100));
        Assert.Equal(RotaryScaling.Plain(10_000, 8), scaling.Frequencies(10_000, 8, 0));
    }

    [Fact]
    public void Dynamic_BeyondIt_GrowsTheBaseWithTheText()
    {
        // theta' = theta · (4·200/100 - 3)^(8/6)
        var expected = RotaryScaling.Plain(10_000 * Math.Pow(5, 8.0 / 6), 8);
        Assert.Equal(expected, new DynamicScaling(4, 100).Frequencies(10_000, 8, 200));
    }

    [Fact]
    public void Yarn_KeepsShortWavesAndSlowsLongOnesByTheFactor()
    {
        var scaling = new YarnScaling(Factor: 4, OriginalContext: 4096, Fast: 32, Slow: 1, Truncates: true, Weight: 1);
        var (plain, scaled) = (RotaryScaling.Plain(10_000, 128), scaling.Frequencies(10_000, 128, 0));
        Assert.Equal(plain[0], scaled[0], 1e-12);
        Assert.Equal(plain[^1] / 4, scaled[^1], 1e-12);
        Assert.All(scaled.Zip(plain), pair => Assert.InRange(pair.First, pair.Second / 4.0001, pair.Second));
    }

    /// <summary>Where there are two sets, the reference shows that of the long text it read last.</summary>
    private static void AssertFrequencies(JsonElement expected, RotaryConfig rotary, int size)
    {
        var actual =
            rotary.Scaling?.Frequencies(rotary.Theta, size, rotary.Scaling is LongScaling ? 1 : 0)
            ?? RotaryScaling.Plain(rotary.Theta, size);
        Assert.Equal(expected.GetArrayLength(), actual.Length);
        Assert.All(expected.EnumerateArray().Zip(actual), pair => Assert.Equal(1, pair.Second / pair.First.GetDouble(), 1e-6));
    }
}
