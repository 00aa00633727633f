using WebTrainer.Domain;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Tests.Runs;

public sealed class RunRequestTests
{
    [Theory]
    [InlineData(TuningMethod.DoRA)]
    [InlineData(TuningMethod.AdaLoRA)]
    public void Check_MethodForLinearMapsOnEmbeddings_IsRefusedByName(TuningMethod method) =>
        Assert.Contains("embed_tokens", Refusal(new MethodSpec { Method = method }), StringComparison.Ordinal);

    [Fact]
    public void Check_MethodOutOfNowhere_IsRefused() =>
        Assert.Contains("(method.method) knows no 99", Refusal(new MethodSpec { Method = (TuningMethod)99 }), StringComparison.Ordinal);

    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.DoRA)]
    [InlineData(TuningMethod.QLoRA)]
    public void Check_AdapterWithoutTargets_IsRefused(TuningMethod method) =>
        Assert.Contains("target", Refusal(new MethodSpec { Method = method, Targets = [] }), StringComparison.Ordinal);

    [Fact]
    public void Check_ProposedSettings_AreValid()
    {
        Assert.Null(SettingRules.WhyNot(RunDefaults.For(new DatasetFiles(), rows: null, 512)));
        Assert.Null(SettingRules.WhyNot(RunDefaults.For(new DatasetFiles { Labels = ["a", "b"] }, rows: null, 512)));
        Assert.Null(SettingRules.WhyNot(RunDefaults.For(new DatasetFiles { Labels = ["a", "b"] }, rows: null, 512, encoder: true)));
    }

    [Theory]
    [InlineData(ObjectiveKind.Preferences)]
    [InlineData(ObjectiveKind.Text)]
    public void Consequences_OfAnotherObjective_GoTogether(ObjectiveKind kind)
    {
        var before = RunDefaults.For(new DatasetFiles { Labels = ["a", "b"] }, rows: null, 512);
        Assert.Null(SettingRules.WhyNot(SettingConsequences.After(before, before with { Objective = new ObjectiveSpec { Kind = kind } })));
    }

    [Fact]
    public void Consequences_OfAdaLoRAAndBack_LeaveTheRateAsItWas()
    {
        var lora = RunDefaults.For(new DatasetFiles(), rows: null, 512);
        var ada = SettingConsequences.After(lora, lora with { Method = lora.Method with { Method = TuningMethod.AdaLoRA } });
        Assert.Equal(20 * lora.Training.LearningRate, ada.Training.LearningRate, 9);
        Assert.Equal(
            lora.Training.LearningRate,
            SettingConsequences.After(ada, ada with { Method = lora.Method }).Training.LearningRate,
            9
        );
    }

    [Fact]
    public void ProposeForBase_TakesTheLayersOfTheOtherBase_UnlessSomebodyHasChosenSomeThatItHas()
    {
        var form = new RunForm();
        form.Propose(With(MethodSpec.Everything));
        form.ProposeForBase(With(MethodSpec.AllLinear));
        Assert.Equal(MethodSpec.AllLinear, form.Tuning.Method.Targets);
        form.Tuning = With(["q_proj"]);
        form.ProposeForBase(With(MethodSpec.Everything));
        Assert.Equal(["q_proj"], form.Tuning.Method.Targets);
        form.ProposeForBase(With([MethodSpec.AllLinearName]));
        Assert.Equal([MethodSpec.AllLinearName], form.Tuning.Method.Targets);
        form.ProposeForBase(With(MethodSpec.Everything));
        Assert.Equal(MethodSpec.Everything, form.Tuning.Method.Targets);

        static TuningSettings With(IReadOnlyList<string> targets) => new() { Method = new MethodSpec { Targets = targets } };
    }

    [Fact]
    public void ProposeForBase_TakesTheRoom_UnlessSomebodyHasSetIt()
    {
        var form = new RunForm();
        form.Propose(RunDefaults.For(new DatasetFiles(), rows: null, 512));
        var other = form.Tuning with { Training = form.Tuning.Training with { ContextTokens = 512, LearningRate = 0.5 } };
        form.ProposeForBase(other);
        Assert.Equal((512, 1e-3), (form.Tuning.Training.ContextTokens, form.Tuning.Training.LearningRate));
        form.Tuning = form.Tuning with { Training = form.Tuning.Training with { ContextTokens = 99 } };
        form.ProposeForBase(other);
        Assert.Equal(99, form.Tuning.Training.ContextTokens);
    }

    private static string Refusal(MethodSpec method) => Assert.Throws<RuleViolationException>(Request(method).Check).Message;

    private static RunRequest Request(MethodSpec method) =>
        new()
        {
            DatasetVersionId = Guid.Empty,
            BaseModel = "base",
            Method = method,
        };
}
