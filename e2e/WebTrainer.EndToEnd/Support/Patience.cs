namespace WebTrainer.EndToEnd.Support;

/// <summary>How long a test waits for what it is sure to see. A busy machine is slow, not wrong: only a fault waits to the end.</summary>
public static class Patience
{
    /// <summary>For a page, in milliseconds.</summary>
    public const float Page = 120_000;

    /// <summary>For what a job makes, on a page, in milliseconds.</summary>
    public const float Job = 600_000;

    /// <summary>For the server to notice or to begin something.</summary>
    public static readonly TimeSpan Server = TimeSpan.FromMinutes(3);

    /// <summary>For a job to end.</summary>
    public static readonly TimeSpan Work = TimeSpan.FromMinutes(10);
}
