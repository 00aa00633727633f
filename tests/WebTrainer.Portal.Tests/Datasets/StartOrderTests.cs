using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>
/// At start the portal ends workers of short work that an earlier one left; those of cleaning that is begun again must come after that.
/// </summary>
public sealed class StartOrderTests(WebPortal portal) : IClassFixture<WebPortal>
{
    [Fact]
    public void LeftWorkers_AreEnded_BeforeCleaningIsBegunAgain()
    {
        List<string> order = [.. portal.Services.GetServices<IHostedService>().Select(service => service.GetType().Name)];
        Assert.InRange(order.IndexOf("WorkerSupervisor"), 0, order.IndexOf(nameof(ResumeOperations)) - 1);
    }
}
