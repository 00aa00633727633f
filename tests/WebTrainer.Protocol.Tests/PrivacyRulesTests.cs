using WebTrainer.Protocol.Settings;

namespace WebTrainer.Protocol.Tests;

public sealed class PrivacyRulesTests
{
    private static readonly TuningSettings s_private = new() { Privacy = new() { Epsilon = 3 } };

    public static TheoryData<TuningSettings, string> Refused =>
        new()
        {
            { s_private with { Method = new() { Method = TuningMethod.Full } }, "Full fine-tuning" },
            {
                s_private with
                {
                    Method = new() { Method = TuningMethod.AdaLoRA, Targets = MethodSpec.AllLinear },
                },
                "AdaLoRA"
            },
            {
                s_private with
                {
                    Method = new() { Start = AdapterStart.Pissa, Targets = MethodSpec.AllLinear },
                },
                "PiSSA"
            },
            { s_private with { Objective = new() { Kind = ObjectiveKind.Preferences } }, "Preference losses" },
            {
                s_private with
                {
                    Objective = new() { Kind = ObjectiveKind.Distillation, Teacher = "larger" },
                },
                "Distillation"
            },
            { s_private with { Training = new() { Packing = true } }, "Packed rows" },
            { s_private with { Training = new() { EmbeddingNoise = 5 } }, "NEFTune" },
            { s_private with { Classifier = new() { ClassWeights = ClassWeighting.Balanced } }, "Weights of labels" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void WhatNoBudgetCovers_IsRefusedByName_AndOnlyWhereThereIsABudget(TuningSettings settings, string words)
    {
        Assert.Contains(words, SettingRules.WhyNot(settings), StringComparison.Ordinal);
        Assert.Null(SettingRules.WhyNot(settings with { Privacy = new() }));
    }

    [Theory]
    [InlineData("t5", "encoder-decoder")]
    [InlineData("mixtral", "experts")]
    [InlineData("qwen3_moe", "experts")]
    [InlineData("gpt_oss", "experts")]
    [InlineData("llama", null)]
    [InlineData("bert", null)]
    public void BasesWhoseRowsCannotBeToldApart_AreRefused(string type, string? words)
    {
        Assert.Null(PrivacyRules.WhyNot(new TuningSettings(), type));
        var refusal = PrivacyRules.WhyNot(s_private, type);
        Assert.Equal(words is not null, refusal?.Contains(words!, StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.QLoRA)]
    [InlineData(TuningMethod.DoRA)]
    [InlineData(TuningMethod.Head)]
    public void WhatCanBeDonePrivately_IsNotRefused(TuningMethod method) =>
        Assert.Null(
            SettingRules.WhyNot(
                s_private with
                {
                    Method = new() { Method = method, Targets = MethodSpec.AllLinear },
                    Classifier = new(),
                }
            )
        );

    [Fact]
    public void Settings_OfARunWithoutBudget_AreNotAskedFor() =>
        Assert.Equal(["privacy.epsilon"], SettingTable.For(new()).Where(s => s.Group == SettingGroup.Privacy).Select(s => s.Path));
}
