using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Baselines;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Scoring.Scorers;

namespace WebTrainer.Learning.Jobs;

/// <summary>Judges the base, adapters and simple methods on the same test rows and benchmarks.</summary>
public sealed class EvaluateJob(JobContext<EvaluateSpec> context) : IJob
{
    private readonly EvaluationSpec _evaluation = context.Spec.Evaluation;

    /// <summary>
    /// Asks every model the same test rows and benchmark questions, and writes figures and comparisons to the run folder. Answers are kept
    /// as they come, so that an evaluation that was ended goes on where it was.
    /// </summary>
    /// <returns>Completed, or Stopped where that was asked for.</returns>
    /// <exception cref="ModelFileException">A model can't be used.</exception>
    /// <exception cref="Batching.DataException">The test rows or a benchmark can't be used.</exception>
    public WorkerState Run(CancellationToken cancellationToken)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var spec = context.Spec;
        var device = JobDevice.Prepare(spec);
        var data = ReadData(cancellationToken);
        List<DatasetRow> rows = [.. data.Test.Take(_evaluation.MaxRows ?? int.MaxValue)];
        string[] expected = [.. rows.Select(row => row.Messages[^1].Content)];
        var score = new Scorecard(
            rows,
            data.Labels is not null,
            [.. _evaluation.Scorers.SelectMany(scorer => AnswerScorer.AllOf(scorer, expected))],
            [.. _evaluation.Scorers.Select(scorer => scorer.Kind).Distinct()]
        );
        var own = new RowScorer(rows, data, score);
        List<BenchmarkScorer> benchmarks =
        [
            .. _evaluation.Benchmarks.Select(benchmark =>
                BenchmarkScorer.ReadAsync(benchmark, data, cancellationToken).GetAwaiter().GetResult()
            ),
        ];
        IContestants contestants = spec.Classifier is { } classifier
            ? new ClassifierContestants(spec, classifier, _evaluation, data, device)
            : new AnswerContestants(context, _evaluation, rows, device);
        var progress = new EvaluationProgress(
            context.Events,
            context.Control,
            (long)contestants.All.Count * (own.Requests + benchmarks.Sum(benchmark => benchmark.Requests))
        );
        var (judgements, speeds) = (new List<ModelResult>(), new List<SpeedFigures>());
        foreach (var ready in contestants.Load(cancellationToken))
        {
            using var _ = ready;
            var (name, kind) = (ready.Contestant.Name, ready.Contestant.Kind);
            var judgement = own.Run(name, kind, ready.Runner, progress, cancellationToken);
            judgements.Add(
                judgement with
                {
                    Figures = judgement.Figures with { WeightBytes = ready.WeightBytes, Precision = ready.Contestant.Precision },
                }
            );
            foreach (var benchmark in benchmarks)
            {
                benchmark.Run(name, kind, ready.Runner, progress, cancellationToken);
            }

            if (_evaluation.Performance)
            {
                progress.Stage = $"{name}: speed";
                speeds.Add(ready.MeasureSpeed(cancellationToken));
            }
        }

        judgements.AddRange(JudgeSimpleMethods(rows, data, score, cancellationToken));
        Write(rows, judgements, benchmarks, speeds);
        return WorkerState.Completed;
    }

    private OwnData ReadData(CancellationToken cancellationToken)
    {
        var files = context.Spec.Data;
        var test = DatasetReader.ReadRows(files?.Test ?? throw new DataException("The spec names no test rows."), cancellationToken);
        var train = files.Train is { } file ? DatasetReader.ReadRows(file, cancellationToken) : [];
        if (context.Spec.Classifier is { } classifier)
        {
            return new(
                [.. train.Select(row => InOneOrder(row, classifier))],
                [.. test.Select(row => InOneOrder(row, classifier))],
                files.Labels,
                General: null,
                _evaluation.MaxNewTokens
            );
        }

        return new(
            train,
            test,
            files.Labels,
            files.General is { } general ? DatasetReader.ReadText(general) : null,
            _evaluation.MaxNewTokens
        );
    }

    /// <summary>Several labels in the order in which a classifier says them, so that equal sets are equal texts.</summary>
    private static DatasetRow InOneOrder(DatasetRow row, ClassifierSpec classifier) =>
        classifier.Kind != ClassificationKind.SeveralLabels
            ? row
            : row with
            {
                Messages =
                [
                    .. row.Messages.SkipLast(1),
                    row.Messages[^1] with
                    {
                        Content = string.Join(
                            classifier.Separator,
                            ClassifierEncoder.Split(row.Messages[^1].Content, classifier.Separator).Order(StringComparer.Ordinal)
                        ),
                    },
                ],
            };

    private IEnumerable<ModelResult> JudgeSimpleMethods(
        List<DatasetRow> rows,
        OwnData data,
        Scorecard score,
        CancellationToken cancellationToken
    )
    {
        if (data.Train.Count == 0)
        {
            yield break;
        }

        List<BaselineRow> train =
        [
            .. data.Train.Select(row => new BaselineRow(BaselineScorer.PromptOf(row), row.Messages[^1].Content.Trim())),
        ];
        foreach (var method in SimpleMethods.For(data.Labels is not null))
        {
            context.Events.Write(new LogEvent("info", $"{method.Name}: learns and answers"));
            yield return BaselineScorer.Run(method, train, rows, score, cancellationToken);
        }
    }

    private void Write(List<DatasetRow> rows, List<ModelResult> judgements, List<BenchmarkScorer> benchmarks, List<SpeedFigures> speeds)
    {
        Directory.CreateDirectory(context.Folder.Output);
        AtomicFile.Write(
            context.Folder.Examples,
            stream =>
            {
                for (var i = 0; i < rows.Count; i++)
                {
                    var result = new ExampleResult(
                        rows[i].Id,
                        BaselineScorer.PromptOf(rows[i]),
                        rows[i].Messages[^1].Content,
                        [.. judgements.Select(judgement => judgement.Answers[i])]
                    );
                    stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(result, ProtocolJson.Line), (byte)'\n']);
                }
            }
        );
        var closedSet = context.Spec.Data?.Labels is not null;
        var report = new EvaluationReport
        {
            Rows = rows.Count,
            Metric = closedSet ? "accuracy" : "exact_match",
            Models = [.. judgements.Select(judgement => judgement.Figures)],
            Comparisons = Comparisons.Of(judgements, closedSet),
            BaseByNearestMean = context.Spec.Classifier is not null,
            Benchmarks = [.. benchmarks.Select((benchmark, i) => benchmark.Report(context.Folder.Questions(i)))],
            Speeds = speeds,
        };
        AtomicFile.WriteAllText(context.Folder.Report, JsonSerializer.Serialize(report, ProtocolJson.Document));
    }
}
