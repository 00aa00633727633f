namespace WebTrainer.Jobs;

/// <summary>Values of a job's kind.</summary>
internal static class JobKinds
{
    public const string Train = "train";
    public const string Evaluate = "evaluate";
}
