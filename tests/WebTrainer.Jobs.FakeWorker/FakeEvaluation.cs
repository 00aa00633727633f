using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.FakeWorker;

/// <summary>Leaves a report, unless the base model is called <c>silent</c>.</summary>
internal static class FakeEvaluation
{
    public static int Run(RunFolder folder, EvaluateSpec spec)
    {
        using var log = new EventLog(folder);
        log.State(WorkerState.Running);
        log.Write(new ProgressEvent("base", 5, 10, 1));
        var report = new EvaluationReport
        {
            Rows = 10,
            Metric = "accuracy",
            Models = [new ModelFigures("base", ModelKind.Base, 0.5, 0.2, 0.8, 1, Math.E, null, 1)],
        };
        if (spec.BaseModel != "silent")
        {
            AtomicFile.WriteAllText(folder.Report, JsonSerializer.Serialize(report, ProtocolJson.Document));
        }

        log.State(WorkerState.Completed);
        return 0;
    }
}
