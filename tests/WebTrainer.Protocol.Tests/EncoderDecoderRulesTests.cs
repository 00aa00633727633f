using WebTrainer.Protocol.Settings;

namespace WebTrainer.Protocol.Tests;

public sealed class EncoderDecoderRulesTests
{
    private static readonly TuningSettings s_settings = new();

    public static TheoryData<TuningSettings, string> Refused =>
        new()
        {
            { s_settings with { Objective = new() { Kind = ObjectiveKind.Preferences } }, "Preference" },
            { s_settings with { Objective = new() { Kind = ObjectiveKind.Text } }, "running text" },
            { s_settings with { Classifier = new() }, "classification head" },
            { s_settings with { Training = new() { Packing = true } }, "Packing" },
            { s_settings with { Training = new() { EmbeddingNoise = 5 } }, "NEFTune" },
            { s_settings with { Training = new() { LearnedTurns = LearnedTurns.Template } }, "chat template" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void WhatItCannotDo_IsRefusedOfAnEncoderDecoder_AndOfNoOther(TuningSettings settings, string words)
    {
        Assert.Contains(words, EncoderDecoderRules.WhyNot(settings, "t5"), StringComparison.Ordinal);
        Assert.Null(EncoderDecoderRules.WhyNot(settings, "llama"));
    }

    [Theory]
    [InlineData(TuningMethod.LoRA, ObjectiveKind.Answers)]
    [InlineData(TuningMethod.QLoRA, ObjectiveKind.Answers)]
    [InlineData(TuningMethod.Full, ObjectiveKind.Distillation)]
    public void WhatItCanDo_IsNotRefused(TuningMethod method, ObjectiveKind objective) =>
        Assert.Null(
            EncoderDecoderRules.WhyNot(
                s_settings with
                {
                    Method = new() { Method = method },
                    Objective = new() { Kind = objective },
                },
                "t5"
            )
        );

    /// <summary>A text part is a decoder; an encoder-decoder in it would be read as one.</summary>
    [Theory]
    [InlineData("t5", true, false)]
    [InlineData("llama", true, false)]
    [InlineData("bert", false, true)]
    [InlineData("mamba", false, false)]
    public void Families_AreKnownByWhatTheyAreFor(string type, bool answers, bool isEncoder) =>
        Assert.Equal((answers, isEncoder), (ModelTypes.CanBeTuned(type), ModelTypes.IsEncoder(type)));
}
