namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// The same number for the same person and thing at every start: what is shuffled for somebody must not change under their eyes.
/// </summary>
internal static class StableHash
{
    /// <summary>FNV-1a of both.</summary>
    public static int Of(Guid thing, string userId)
    {
        unchecked
        {
            var hash = 2166136261;
            foreach (var b in thing.ToByteArray())
            {
                hash = (hash ^ b) * 16777619;
            }

            foreach (var c in userId)
            {
                hash = (hash ^ c) * 16777619;
            }

            return (int)(hash ^ (hash >> 15));
        }
    }
}
