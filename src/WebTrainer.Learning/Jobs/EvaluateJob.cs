using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Tokenizing;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>Judges the base and adapters on the same test rows: right answers, the answers' loss, and the loss on general text.</summary>
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
        var models = new ModelSet(spec, evaluation.Adapters, device, cancellation);
        var encoder = new ConversationEncoder(TextTokenizer.Load(spec.BaseModel), spec.Template, models.ContextTokens);
        var file = spec.Data?.Test ?? throw new DataException("The spec names no test rows.");
        List<DatasetRow> rows = [.. DatasetReader.ReadRows(file, cancellation).Take(evaluation.MaxRows ?? int.MaxValue)];
        var judge = new Judge(context.Events, spec, encoder, rows, GeneralRows(encoder), evaluation.MaxNewTokens);
        List<Judgement> judgements = [.. models.Names.Select(name => judge.Run(name, models.Use(name)!, cancellation))];
        Write(rows, judgements);
    }

    private List<TokenRow> GeneralRows(ConversationEncoder encoder) => context.Spec.Data?.General is { } file
        ? MeanLoss.Windows([.. encoder.Tokenizer.Encode(DatasetReader.ReadText(file)).Take(GeneralTokens)], contextTokens: 512)
        : [];

    private void Write(List<DatasetRow> rows, List<Judgement> judgements)
    {
        Directory.CreateDirectory(context.Folder.Output);
        AtomicFile.Write(context.Folder.Examples, stream =>
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var result = new ExampleResult(
                    rows[i].Id,
                    string.Join('\n', rows[i].Messages.SkipLast(1).Select(message => message.Content)),
                    rows[i].Messages[^1].Content,
                    [.. judgements.Select(judgement => judgement.Answers[i])]);
                stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(result, ProtocolJson.Line), (byte)'\n']);
            }
        });
        var report = new EvaluationReport
        {
            Rows = rows.Count,
            Metric = context.Spec.Data?.Labels is null ? "exact_match" : "accuracy",
            Models = [.. judgements.Select(judgement => judgement.Figures)],
        };
        AtomicFile.WriteAllText(context.Folder.Report, JsonSerializer.Serialize(report, ProtocolJson.Document));
    }
}

internal sealed record Judgement(ModelFigures Figures, ExampleAnswer[] Answers);

/// <summary>Judges one model after the other on the same rows.</summary>
internal sealed class Judge(EventWriter events, RunSpec spec, ConversationEncoder encoder, List<DatasetRow> rows, List<TokenRow> general, int maxNewTokens)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    public Judgement Run(string name, CausalLM model, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var progress = new Progress(events, $"{name}: answers", rows.Count);
        var texts = new Answerer(model, encoder, spec.Data?.Labels, maxNewTokens).Answer(rows, progress.Report, cancellation);
        var losses = AnswerLosses(model, cancellation);
        var generalLoss = GeneralLoss(model, cancellation);
        ExampleAnswer[] answers = [.. rows.Select((row, i) => new ExampleAnswer(name, texts[i], Answerer.IsRight(row, texts[i]), losses[i].Sum / losses[i].Count))];
        var right = answers.Count(answer => answer.Right);
        var (low, high) = Wilson.Interval(right, rows.Count);
        var loss = losses.Sum(entry => entry.Sum) / losses.Sum(entry => entry.Count);
        return new(new ModelFigures(name, (double)right / rows.Count, low, high, loss, Math.Exp(loss), generalLoss, watch.Elapsed.TotalSeconds), answers);
    }

    private double? GeneralLoss(CausalLM model, CancellationToken cancellation) =>
        general.Count == 0 ? null : MeanLoss.Of(model, general, paddingId: 0, cancellation);

    /// <summary>Loss of each row's right answer, as a sum over its tokens.</summary>
    private (double Sum, int Count)[] AnswerLosses(CausalLM model, CancellationToken cancellation)
    {
        using var _ = inference_mode();
        List<TokenRow> encoded = [.. rows.Select(encoder.Encode)];
        var index = new Dictionary<TokenRow, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < encoded.Count; i++)
        {
            index[encoded[i]] = i;
        }

        var losses = new (double Sum, int Count)[rows.Count];
        foreach (var group in MeanLoss.Grouped(encoded))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(group, paddingId: 0, model.Device);
            var perToken = AnswerLoss.PerToken(model, batch).cpu().data<float>().ToArray();
            var at = 0;
            foreach (var row in group)
            {
                losses[index[row]] = (perToken.AsSpan(at, row.LearnedTokens).ToArray().Sum(value => (double)value), row.LearnedTokens);
                at += row.LearnedTokens;
            }
        }

        return losses;
    }

    /// <summary>Tells the portal how far a stage is, a few times a second.</summary>
    private sealed class Progress(EventWriter events, string stage, int total)
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private TimeSpan _last = -s_interval;

        public void Report(int done)
        {
            if (done < total && _watch.Elapsed < _last + s_interval)
            {
                return;
            }

            _last = _watch.Elapsed;
            events.Write(new ProgressEvent(stage, done, total, _watch.Elapsed.TotalSeconds / done * (total - done)));
        }
    }
}
