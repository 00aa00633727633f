using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Tokenizing;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Baselines;

namespace WebTrainer.Learning.Jobs;

/// <summary>Judges the base, adapters and simple methods on the same test rows: right answers, the answers' loss, and the loss on general text.</summary>
public sealed class EvaluateJob(RunContext context)
{
    /// <summary>Tokens of general text that are judged; enough for a mean loss to ±0.02 nats.</summary>
    private const int GeneralTokens = 50_000;

    public void Run(CancellationToken cancellation)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var spec = context.Spec;
        var evaluation = spec.Evaluation ?? new EvaluationSpec();
        var device = JobDevice.Prepare(spec);
        var models = new ModelSet(spec, evaluation.Adapters, WeightPrecision.Full, device, cancellation);
        var encoder = new ConversationEncoder(TextTokenizer.Load(spec.BaseModel), spec.Template, models.ContextTokens);
        var file = spec.Data?.Test ?? throw new DataException("The spec names no test rows.");
        List<DatasetRow> rows = [.. DatasetReader.ReadRows(file, cancellation).Take(evaluation.MaxRows ?? int.MaxValue)];
        var score = new Scorecard(rows, closedSet: spec.Data.Labels is not null);
        var judge = new ModelJudge(context.Events, spec, encoder, rows, GeneralRows(encoder), score, evaluation.MaxNewTokens);
        List<Judgement> judgements = [.. models.Names.Select(name => judge.Run(name, WeightPrecision.Full, models.Use(name)!, cancellation))];
        foreach (var precision in evaluation.Packed.Where(precision => precision != WeightPrecision.Full).Distinct())
        {
            var packed = new ModelSet(spec, evaluation.Adapters, precision, device, cancellation);
            // What packing costs is asked of what will be used: the tuned models, or the base where there are none.
            var names = evaluation.Adapters.Count > 0 ? packed.Names.Where(name => name != ModelSet.BaseName) : packed.Names;
            judgements.AddRange(names.Select(name => judge.Run(name, precision, packed.Use(name)!, cancellation)));
        }

        judgements.AddRange(JudgeSimpleMethods(rows, score, cancellation));
        Write(rows, judgements);
    }

    private List<TokenRow> GeneralRows(ConversationEncoder encoder) => context.Spec.Data?.General is { } file
        ? MeanLoss.Windows([.. encoder.Tokenizer.Encode(DatasetReader.ReadText(file)).Take(GeneralTokens)], contextTokens: 512)
        : [];

    private IEnumerable<Judgement> JudgeSimpleMethods(List<DatasetRow> rows, Scorecard score, CancellationToken cancellation)
    {
        if (context.Spec.Data?.Train is not { } file)
        {
            yield break;
        }

        List<BaselineRow> train = [.. DatasetReader.ReadRows(file, cancellation).Select(row => new BaselineRow(BaselineJudge.PromptOf(row), row.Messages[^1].Content.Trim()))];
        foreach (var method in SimpleMethods.For(context.Spec.Data.Labels is not null))
        {
            context.Events.Write(new ProgressEvent($"{method.Name}: learns and answers", 0, rows.Count, null));
            yield return BaselineJudge.Run(method, train, rows, score, cancellation);
        }
    }

    private void Write(List<DatasetRow> rows, List<Judgement> judgements)
    {
        Directory.CreateDirectory(context.Folder.Output);
        AtomicFile.Write(context.Folder.Examples, stream =>
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var result = new ExampleResult(rows[i].Id, BaselineJudge.PromptOf(rows[i]), rows[i].Messages[^1].Content, [.. judgements.Select(judgement => judgement.Answers[i])]);
                stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(result, ProtocolJson.Line), (byte)'\n']);
            }
        });
        var closedSet = context.Spec.Data?.Labels is not null;
        var report = new EvaluationReport
        {
            Rows = rows.Count,
            Metric = closedSet ? "accuracy" : "exact_match",
            Models = [.. judgements.Select(judgement => judgement.Figures)],
            Comparisons = Comparisons.Of(judgements, closedSet),
        };
        AtomicFile.WriteAllText(context.Folder.Report, JsonSerializer.Serialize(report, ProtocolJson.Document));
    }
}
