using WebTrainer.Jobs.FakeWorker;
using WebTrainer.Protocol;

if (args is not ["run", var root])
{
    return 2;
}

var folder = new RunFolder(root);
using var lease = new FileStream(folder.Lease, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
var spec = JobSpec.Read(File.ReadAllText(folder.Spec));
Directory.CreateDirectory(folder.Output);
return spec switch
{
    PlanSpec plan => FakePlan.Run(folder, plan),
    TrainSpec train => new FakeTraining(folder, train).Run(),
    EvaluateSpec evaluate => FakeEvaluation.Run(folder, evaluate),
    EmbedSpec embed => FakeEmbedding.Run(folder, embed),
    ServeSpec serve => await FakeServer.RunAsync(folder, serve),
    _ => 2,
};
