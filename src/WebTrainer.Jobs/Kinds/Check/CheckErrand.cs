using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Kinds.Check;

/// <summary>Loads a model and lets it answer, or an encoder and lets it compare two sentences.</summary>
public sealed record CheckErrand(CheckSpec Model) : Errand<ModelCheck>(Model)
{
    internal override TimeSpan Limit(JobsOptions options) => options.CheckTimeout;

    internal override string ResultIn(RunFolder folder) => folder.Check;
}
