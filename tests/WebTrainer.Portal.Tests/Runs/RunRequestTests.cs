using WebTrainer.Domain;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Runs;

public sealed class RunRequestTests
{
    [Fact]
    public void MethodChoices_EveryMethod_HasANameAndASentence() =>
        Assert.All(Enum.GetValues<TuningMethod>(), method => Assert.EndsWith(".", MethodChoice.Of(method).Sentence, StringComparison.Ordinal));

    [Theory]
    [InlineData(TuningMethod.DoRA)]
    [InlineData(TuningMethod.AdaLoRA)]
    public void Check_MethodForLinearMapsOnEmbeddings_IsRefusedByName(TuningMethod method) =>
        Assert.Contains("embed_tokens", Refusal(new MethodSpec { Method = method }), StringComparison.Ordinal);

    [Fact]
    public void Check_MethodOutOfNowhere_IsRefused() =>
        Assert.Contains("not known", Refusal(new MethodSpec { Method = (TuningMethod)99 }), StringComparison.Ordinal);

    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.DoRA)]
    [InlineData(TuningMethod.QLoRA)]
    public void Check_AdapterWithoutTargets_IsRefused(TuningMethod method) =>
        Assert.Contains("target", Refusal(new MethodSpec { Method = method, Targets = [] }), StringComparison.Ordinal);

    [Fact]
    public void Check_ProposedSettings_AreValid()
    {
        Request(RunDefaults.For(new DatasetFiles(), rows: null, 512).Method).Check();
        Request(RunDefaults.For(new DatasetFiles { Labels = ["a", "b"] }, rows: null, 512).Method).Check();
        Request(RunDefaults.For(new DatasetFiles { Labels = ["a", "b"] }, rows: null, 512, encoder: true).Method).Check();
    }

    private static string Refusal(MethodSpec method) => Assert.Throws<RuleViolationException>(Request(method).Check).Message;

    private static RunRequest Request(MethodSpec method) => new() { DatasetVersionId = Guid.Empty, BaseModel = "base", Method = method };
}
