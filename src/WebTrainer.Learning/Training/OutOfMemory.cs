using System.Runtime.InteropServices;

namespace WebTrainer.Learning.Training;

/// <summary>Tells a lack of memory from other faults; the native library has one kind of exception for all of them.</summary>
public static class OutOfMemory
{
    /// <summary>
    /// Whether the machine or the GPU had no room: .NET's own exception, or one of the native library whose message speaks of memory.
    /// </summary>
    public static bool Caused(Exception exception) =>
        exception is OutOfMemoryException
        || (exception is ExternalException && exception.Message.Contains("memory", StringComparison.OrdinalIgnoreCase));
}
