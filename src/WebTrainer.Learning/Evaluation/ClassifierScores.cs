using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Lets a classifier score texts, many at once, those of like length together.</summary>
public static class ClassifierScores
{
    /// <param name="model">Asked without dropout.</param>
    /// <param name="rows">Already encoded; batches are made of like lengths.</param>
    /// <param name="paddingId">Token that fills short rows; masked.</param>
    /// <param name="progress">Told the number of rows scored since the last call.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <returns>The head's scores of each row, before softmax or sigmoid, in the order of the rows.</returns>
    public static float[][] Of(
        SequenceClassifier model,
        IReadOnlyList<TokenRow> rows,
        int paddingId,
        Action<int>? progress,
        CancellationToken cancellationToken
    ) =>
        Run(
            model,
            rows,
            paddingId,
            batch => model.Forward(batch.Ids, EncoderBatch.MaskOf(batch), EncoderBatch.TypesOf(batch), training: false),
            progress,
            cancellationToken
        );

    /// <returns>What the head begins from, of each row.</returns>
    public static float[][] VectorsOf(
        SequenceClassifier model,
        IReadOnlyList<TokenRow> rows,
        int paddingId,
        Action<int>? progress,
        CancellationToken cancellationToken
    ) =>
        Run(
            model,
            rows,
            paddingId,
            batch => model.Pool(batch.Ids, EncoderBatch.MaskOf(batch), EncoderBatch.TypesOf(batch), training: false),
            progress,
            cancellationToken
        );

    /// <summary>What a row's scores say of each label, 0 to 1.</summary>
    /// <param name="kind">What the scores stand for.</param>
    /// <param name="scores">Of one row.</param>
    /// <returns>Softmax of one label's scores, the sigmoid of each of several; the score itself of a number.</returns>
    public static double[] Probabilities(ClassificationKind kind, float[] scores)
    {
        if (kind == ClassificationKind.Number)
        {
            return [scores[0]];
        }

        if (kind == ClassificationKind.SeveralLabels)
        {
            return [.. scores.Select(score => 1 / (1 + Math.Exp(-(double)score)))];
        }

        var highest = scores.Max();
        double[] powers = [.. scores.Select(score => Math.Exp((double)score - highest))];
        var sum = powers.Sum();
        return [.. powers.Select(power => power / sum)];
    }

    private static float[][] Run(
        SequenceClassifier model,
        IReadOnlyList<TokenRow> rows,
        int paddingId,
        Func<Batch, Tensor> compute,
        Action<int>? progress,
        CancellationToken cancellationToken
    )
    {
        using var _ = inference_mode();
        var results = new float[rows.Count][];
        foreach (var group in MeanLoss.Grouped(Enumerable.Range(0, rows.Count), place => rows[place].Tokens.Length))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = Batch.Of([.. group.Select(place => rows[place])], paddingId, model.Device);
            var values = compute(batch).to(ScalarType.Float32).cpu().data<float>().ToArray();
            var width = values.Length / group.Count;
            for (var i = 0; i < group.Count; i++)
            {
                results[group[i]] = values[(i * width)..((i + 1) * width)];
            }

            progress?.Invoke(group.Count);
        }

        return results;
    }
}
