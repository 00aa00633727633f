using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Tokenizing;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Baselines;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Scoring.Scorers;

namespace WebTrainer.Learning.Jobs;

/// <summary>Judges the base, adapters and simple methods on the same test rows and benchmarks.</summary>
public sealed class EvaluateJob(RunContext context)
{
    private readonly EvaluationSpec _evaluation = context.Spec.Evaluation ?? new EvaluationSpec();

    /// <summary>A model to be judged, as the report calls it.</summary>
    private sealed record Candidate(string Name, string InSet, ModelKind Kind, WeightPrecision Precision);

    public void Run(CancellationToken cancellation)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var spec = context.Spec;
        var device = JobDevice.Prepare(spec);
        var data = ReadData(cancellation);
        List<DatasetRow> rows = [.. data.Test.Take(_evaluation.MaxRows ?? int.MaxValue)];
        string[] expected = [.. rows.Select(row => row.Messages[^1].Content)];
        var score = new Scorecard(
            rows, data.Labels is not null, [.. _evaluation.Scorers.SelectMany(scorer => AnswerScorer.AllOf(scorer, expected))], [.. _evaluation.Scorers.Select(scorer => scorer.Kind).Distinct()]);
        var own = new RowJudge(rows, data, score);
        List<BenchmarkJudge> benchmarks = [.. _evaluation.Benchmarks.Select(benchmark => BenchmarkJudge.ReadAsync(benchmark, data, cancellation).GetAwaiter().GetResult())];
        var candidates = Candidates();
        var progress = new EvaluationProgress(context.Events, context.Control, (long)candidates.Count * (own.Requests + benchmarks.Sum(benchmark => benchmark.Requests)));
        var (judgements, speeds) = (new List<Judgement>(), new List<SpeedFigures>());
        foreach (var group in candidates.GroupBy(candidate => candidate.Precision))
        {
            var models = new ModelSet(spec, _evaluation.Adapters, group.Key, device, cancellation);
            var encoder = ConversationEncoder.Of(spec.BaseModel, spec.Template, models.ContextTokens);
            foreach (var candidate in group)
            {
                var model = models.Use(candidate.InSet)!;
                using var journal = OpenJournal(candidate, models.ContextTokens);
                var runner = new RequestRunner(model, encoder, journal);
                var judgement = own.Run(candidate.Name, candidate.Kind, runner, progress, cancellation);
                judgements.Add(judgement with { Figures = judgement.Figures with { WeightBytes = model.Weights.Bytes, Precision = candidate.Precision } });
                foreach (var benchmark in benchmarks)
                {
                    benchmark.Run(candidate.Name, candidate.Kind, runner, progress, cancellation);
                }

                if (_evaluation.Performance)
                {
                    progress.Stage = $"{candidate.Name}: speed";
                    speeds.Add(new SpeedProbe(encoder, rows, spec.Device).Run(candidate.Name, model, cancellation));
                }
            }
        }

        judgements.AddRange(JudgeSimpleMethods(rows, data, score, cancellation));
        Write(rows, judgements, benchmarks, speeds);
    }

    /// <summary>Base and adapters; those in fewer bits too where that was asked for.</summary>
    private List<Candidate> Candidates()
    {
        List<Candidate> full =
        [
            new(ModelSet.BaseName, ModelSet.BaseName, ModelKind.Base, WeightPrecision.Full),
            .. _evaluation.Adapters.Select(adapter => new Candidate(adapter.Name, adapter.Name, ModelKind.Tuned, WeightPrecision.Full)),
        ];
        // What packing costs is asked of what will be used: the tuned models, or the base where there are none.
        var used = full.Where(candidate => candidate.Kind == ModelKind.Tuned || _evaluation.Adapters.Count == 0).ToList();
        return
        [
            .. full,
            .. _evaluation.Packed.Where(precision => precision != WeightPrecision.Full).Distinct().SelectMany(precision => used.Select(candidate =>
                candidate with { Name = $"{candidate.Name} ({(precision == WeightPrecision.EightBits ? 8 : 4)} bits)", Precision = precision })),
        ];
    }

    private OwnData ReadData(CancellationToken cancellation)
    {
        var files = context.Spec.Data;
        var test = DatasetReader.ReadRows(files?.Test ?? throw new DataException("The spec names no test rows."), cancellation);
        var train = files.Train is { } file ? DatasetReader.ReadRows(file, cancellation) : [];
        return new(train, test, files.Labels, files.General is { } general ? DatasetReader.ReadText(general) : null, _evaluation.MaxNewTokens);
    }

    private AnswerJournal OpenJournal(Candidate candidate, int contextTokens)
    {
        var adapter = _evaluation.Adapters.FirstOrDefault(adapter => string.Equals(adapter.Name, candidate.InSet, StringComparison.Ordinal))?.Path;
        string[] folders = adapter is null ? [context.Spec.BaseModel] : [context.Spec.BaseModel, adapter];
        return AnswerJournal.Open(_evaluation.AnswerCache, Path.Combine(context.Folder.Root, "answers"), ModelIdentity.Of(folders, candidate.Precision, context.Spec, contextTokens));
    }

    private IEnumerable<Judgement> JudgeSimpleMethods(List<DatasetRow> rows, OwnData data, Scorecard score, CancellationToken cancellation)
    {
        if (data.Train.Count == 0)
        {
            yield break;
        }

        List<BaselineRow> train = [.. data.Train.Select(row => new BaselineRow(BaselineJudge.PromptOf(row), row.Messages[^1].Content.Trim()))];
        foreach (var method in SimpleMethods.For(data.Labels is not null))
        {
            context.Events.Write(new LogEvent("info", $"{method.Name}: learns and answers"));
            yield return BaselineJudge.Run(method, train, rows, score, cancellation);
        }
    }

    private void Write(List<DatasetRow> rows, List<Judgement> judgements, List<BenchmarkJudge> benchmarks, List<SpeedFigures> speeds)
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
            Benchmarks = [.. benchmarks.Select((benchmark, i) => benchmark.Report(context.Folder.Questions(i)))],
            Speeds = speeds,
        };
        AtomicFile.WriteAllText(context.Folder.Report, JsonSerializer.Serialize(report, ProtocolJson.Document));
    }
}
