using Microsoft.Extensions.Options;

namespace WebTrainer.Jobs.Tests;

public sealed class JobsOptionsTests
{
    [Fact]
    public void Validate_RightOptions_Succeeds() => Assert.True(Validate(_ => { }).Succeeded);

    [Fact]
    public void Validate_AllFaults_AreToldAtOnce()
    {
        var result = Validate(options =>
        {
            options.WorkerPath = "/no/such/worker";
            options.WorkerLibraries = "/no/such/libraries";
            options.CpuSlots = 0;
            options.PlanTimeout = TimeSpan.Zero;
        });

        Assert.Equal(4, result.Failures!.Count());
        Assert.Contains("Jobs:WorkerPath: there is no file '/no/such/worker'.", result.Failures!);
        Assert.Contains("Jobs:WorkerLibraries: there is no folder '/no/such/libraries'.", result.Failures!);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Start_WithoutWorker_Throws() =>
        await Assert.ThrowsAsync<OptionsValidationException>(() =>
            TestPortal.StartAsync(options => options.WorkerPath = "/no/such/worker")
        );

    private static ValidateOptionsResult Validate(Action<JobsOptions> change)
    {
        var options = new JobsOptions { WorkerPath = TestPortal.WorkerPath };
        change(options);
        return new JobsOptionsValidator().Validate(null, options);
    }
}
