using System.Runtime.CompilerServices;
using Bunit;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>How long a test of a page waits for what it is sure to see: a busy machine is slow, not wrong.</summary>
internal static class Patience
{
    [ModuleInitializer]
    internal static void Set() => BunitContext.DefaultWaitTimeout = TimeSpan.FromMinutes(2);
}
