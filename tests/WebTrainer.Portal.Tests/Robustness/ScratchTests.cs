using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Robustness;

/// <summary>What DuckDB writes in passing lies where the data lies, and nobody else reads it.</summary>
public sealed class ScratchTests(WebPortal portal) : IClassFixture<WebPortal>
{
    [Fact]
    public void ScratchFolder_LiesInTheDataFolder_ReadableByItsOwnerAlone()
    {
        var scratch = portal.Services.GetRequiredService<ImportLimits>().ScratchFolder;
        Assert.Equal(portal.Services.GetRequiredService<DataFolder>().Temporary, scratch);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(scratch));
    }
}
