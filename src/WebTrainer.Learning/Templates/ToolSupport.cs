namespace WebTrainer.Learning.Templates;

/// <summary>What of tools a chat format has a form for. What it has none for is shown as text, or not at all.</summary>
/// <param name="Definitions">Which tools there are; without a form they are not shown.</param>
/// <param name="Calls">An answer's calls; without a form they are words of the answer.</param>
/// <param name="Results">What tools give back; without a form it is a user's turn.</param>
public sealed record ToolSupport(bool Definitions, bool Calls, bool Results)
{
    /// <summary>A format without a form for anything of tools.</summary>
    public static ToolSupport None { get; } = new(false, false, false);
}
