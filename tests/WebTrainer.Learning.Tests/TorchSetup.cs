using System.Runtime.CompilerServices;

namespace WebTrainer.Learning.Tests;

internal static class TorchSetup
{
    /// <summary>The models of these tests are too small to share out among threads.</summary>
    [ModuleInitializer]
    internal static void Prepare()
    {
        NativeEnvironment.Prepare();
        TorchSharp.torch.set_num_threads(1);
    }
}
