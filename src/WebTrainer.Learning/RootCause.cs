using System.Reflection;

namespace WebTrainer.Learning;

/// <summary>What happened, without what wraps it.</summary>
public static class RootCause
{
    /// <summary>
    /// Work in parallel, calls by reflection and type initialisers wrap what happened in words that tell nobody anything ("One or more
    /// errors occurred").
    /// </summary>
    /// <returns>The first where several things happened; one that is more than being told to stop, where there is one.</returns>
    public static Exception Of(Exception exception) =>
        exception switch
        {
            AggregateException several when several.InnerExceptions.Count > 0 => Of(
                several.InnerExceptions.FirstOrDefault(inner => Of(inner) is not OperationCanceledException) ?? several.InnerExceptions[0]
            ),
            TargetInvocationException or TypeInitializationException when exception.InnerException is { } inner => Of(inner),
            _ => exception,
        };
}
