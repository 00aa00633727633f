using WebTrainer.Learning.Jobs;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

public sealed class JobFinderTests
{
    [Fact]
    public void EveryKind_HasAJob() =>
        Assert.Equal(
            JobKind.All.Select(kind => kind.Spec.Name),
            JobFinder.Specs.Select(spec => spec.Name).OrderBy(name => JobKind.All.Single(kind => kind.Spec.Name == name).Name)
        );

    [Fact]
    public void Make_OfASpec_GivesTheJobOfItsKind()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path);
        using var events = new EventWriter(run.Events);

        var job = JobFinder.Make(run, new CheckSpec { BaseModel = "/m" }, events, new ControlReader(run.Control, DateTimeOffset.MinValue));

        Assert.IsType<CheckJob>(job);
    }
}
