using System.Diagnostics;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Judges one model after the other on the same rows.</summary>
internal sealed class ModelJudge(
    EventWriter events, RunSpec spec, ConversationEncoder encoder, List<DatasetRow> rows, List<TokenRow> general, Scorecard score, int maxNewTokens)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    /// <param name="precision">How the model's weights are kept; part of its name where it is not the full one.</param>
    public Judgement Run(string name, WeightPrecision precision, CausalLM model, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var kind = name == ModelSet.BaseName ? ModelKind.Base : ModelKind.Tuned;
        name = precision switch
        {
            WeightPrecision.EightBits => $"{name} (8 bits)",
            WeightPrecision.FourBits => $"{name} (4 bits)",
            _ => name,
        };
        var progress = new Progress(events, $"{name}: answers", rows.Count);
        var texts = new Answerer(model, encoder, spec.Data?.Labels, maxNewTokens).Answer(rows, progress.Report, cancellation);
        var losses = AnswerLosses(model, cancellation);
        var generalLoss = GeneralLoss(model, cancellation);
        var judgement = score.Judge(name, kind, texts, losses, generalLoss, watch.Elapsed);
        return judgement with { Figures = judgement.Figures with { WeightBytes = model.Weights.Bytes, Precision = precision } };
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
