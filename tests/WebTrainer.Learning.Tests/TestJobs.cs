using WebTrainer.Learning.Jobs;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

/// <summary>Specs of other kinds for what was trained by one, and what a worker gives its jobs.</summary>
internal static class TestJobs
{
    public static JobContext<TSpec> Context<TSpec>(RunFolder folder, TSpec spec, EventWriter events)
        where TSpec : JobSpec => new(folder, spec, events, new ControlReader(folder.Control, DateTimeOffset.MinValue));

    public static EvaluateSpec Evaluating(this TrainSpec trained, EvaluationSpec evaluation) =>
        new()
        {
            BaseModel = trained.BaseModel,
            Threads = trained.Threads,
            Data = trained.Data,
            Classifier = trained.Classifier,
            ContextTokens = trained.Training.ContextTokens,
            Evaluation = evaluation,
        };

    public static ExportSpec Exporting(this TrainSpec trained, string adapter) =>
        new()
        {
            BaseModel = trained.BaseModel,
            Threads = trained.Threads,
            Adapter = adapter,
        };
}
