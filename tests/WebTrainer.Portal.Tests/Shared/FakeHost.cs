using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>A host whose content lies in a folder of the test.</summary>
internal sealed class FakeHost(string root) : IHostEnvironment
{
    public string EnvironmentName { get; set; } = "Test";
    public string ApplicationName { get; set; } = "WebTrainer";
    public string ContentRootPath { get; set; } = root;
    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
}
