using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>A run's settings as the database keeps them.</summary>
public static class StoredSpec
{
    /// <summary>What is said of settings that <see cref="TryRead"/> does not give.</summary>
    public const string Changed =
        "The settings in the database are not those that were submitted: they were changed or damaged there. Nothing is run with them; submit them anew.";

    /// <summary>The settings, if they are those that were submitted and can be read.</summary>
    /// <param name="sha256">As it was when they were submitted.</param>
    public static TrainSpec? TryRead(string spec, string sha256) =>
        JobSpec.Hash(spec) == sha256 ? Stored.TryRead(() => JobSpec.Read<TrainSpec>(spec)) : null;
}
