using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Kinds;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

public sealed class KindsTests
{
    /// <summary>A kind is queued, waited for, or served; a new one that is none of them can't be reached.</summary>
    [Fact]
    public void EveryKind_IsCaredForByAHandlerOrAnErrandOrThePool()
    {
        var errands = typeof(Errands)
            .Assembly.GetTypes()
            .Where(type =>
                type is { IsAbstract: false, BaseType.IsGenericType: true } && type.BaseType.GetGenericTypeDefinition() == typeof(Errand<>)
            )
            .Select(type => type.Namespace!.Split('.')[^1].ToLowerInvariant());

        var reached = new JobHandlers().Kinds.Concat(errands).Append(JobKind.Of<ServeSpec>().Name);

        Assert.Equal(JobKind.All.Select(kind => kind.Name), reached.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EntitiesThatAreQueued_NameKindsOfTheProtocol()
    {
        Assert.Equal(Run.JobKind, JobKind.Of<TrainSpec>().Name);
        Assert.Equal(Evaluation.JobKind, JobKind.Of<EvaluateSpec>().Name);
    }
}
