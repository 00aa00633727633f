namespace WebTrainer.Pipeline;

/// <summary>What people think of an answer, as columns beside it (<see cref="CanonicalRow.Extra"/>).</summary>
public static class Preferences
{
    /// <summary>The answer that people don't want (DPO).</summary>
    public const string Rejected = "rejected";

    /// <summary><c>true</c> or <c>false</c>: whether the answer is wanted (KTO).</summary>
    public const string Desired = "desired";

    /// <summary>An answer that nobody wants must not be learned.</summary>
    public static bool IsUndesired(CanonicalRow row) => row.Extra.TryGetValue(Desired, out var desired) && desired == "false";
}
