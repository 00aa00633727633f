using System.Text.Json;

namespace WebTrainer.Protocol.Tests;

public sealed class JobKindTests
{
    [Fact]
    public void All_EverySpecIsOfOneKind_NamedByAWord()
    {
        var specs = typeof(JobSpec).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(JobSpec)));

        Assert.Equal(specs.Select(type => type.Name).Order(), JobKind.All.Select(kind => kind.Spec.Name).Order());
        Assert.Equal(JobKind.All.Count, JobKind.All.Select(kind => kind.Name).Distinct().Count());
        Assert.All(JobKind.All, kind => Assert.Matches("^[a-z]+$", kind.Name));
        Assert.All(JobKind.All, kind => Assert.Matches("[.?]$", kind.Help));
    }

    [Fact]
    public void Read_PlanOfATraining_IsAPlanWithItsSettings()
    {
        var training = new TrainSpec
        {
            RunId = Guid.NewGuid(),
            BaseModel = "/models/base",
            Seed = 7,
        };

        var plan = Assert.IsType<PlanSpec>(JobSpec.Read(new PlanSpec(training).ToText()));

        Assert.Equal((training.RunId, training.BaseModel, 7), (plan.RunId, plan.BaseModel, plan.Seed));
    }

    /// <summary>As the first release's portal wrote them: all kinds had the fields of all.</summary>
    [Fact]
    public void Read_SpecsOfBefore010_AreOfTheirKind_AndKeepTheContext()
    {
        var train = JobSpec.Read<TrainSpec>(
            """{"version":1,"runId":"0a0b0c0d-0000-0000-0000-000000000001","kind":"train","baseModel":"/m","training":{"contextTokens":96},"evaluation":null,"serving":null,"exportedAdapter":null,"seed":3}"""
        );
        var evaluate = JobSpec.Read<EvaluateSpec>(
            """{"version":1,"runId":"0a0b0c0d-0000-0000-0000-000000000002","kind":"evaluate","baseModel":"/m","training":{"contextTokens":96},"evaluation":{"maxRows":5}}"""
        );

        Assert.Equal((96, 3L), (train.Training.ContextTokens, train.Seed));
        Assert.Equal((96, 5), (evaluate.ContextTokens, evaluate.Evaluation.MaxRows));
        Assert.DoesNotContain("training", evaluate.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_KindThatIsNotKnown_OrAnother_IsRefused()
    {
        Assert.Throws<JsonException>(() => JobSpec.Read("""{"kind":"pretrain","baseModel":"/m"}"""));
        var other = Assert.Throws<JsonException>(() => JobSpec.Read<TrainSpec>(new CheckSpec { BaseModel = "/m" }.ToText()));
        Assert.Contains("'train'", other.Message, StringComparison.Ordinal);
    }
}
