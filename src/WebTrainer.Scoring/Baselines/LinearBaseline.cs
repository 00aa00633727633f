using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Text;

namespace WebTrainer.Scoring.Baselines;

/// <summary>
/// A linear classifier on TF-IDF of words (1 and 2 together) and characters (2 to 4), by ML.NET: maximum entropy, trained by stochastic
/// dual coordinate ascent (Shalev-Shwartz and Zhang 2013). One thread and a fixed seed, so that it gives the same answers each time.
/// </summary>
public sealed class LinearBaseline : IBaseline
{
    private const int Seed = 1,
        Passes = 20;

    /// <inheritdoc/>
    public string Name => "linear model on n-grams";

    /// <summary>Trains on all rows, then answers each prompt with the likeliest label; where all rows have one label, that one.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled, which is looked at between training and answers.</exception>
    public IReadOnlyList<string> Answer(
        IReadOnlyList<BaselineRow> train,
        IReadOnlyList<string> prompts,
        CancellationToken cancellationToken
    )
    {
        if (train.DistinctBy(row => row.Answer).Count() < 2)
        {
            return new MajorityBaseline().Answer(train, prompts, cancellationToken);
        }

        var ml = new MLContext(Seed);
        var data = ml.Data.LoadFromEnumerable(train.Select(row => new Row { Text = row.Prompt, Label = row.Answer }));
        var features = new TextFeaturizingEstimator.Options
        {
            CaseMode = TextNormalizingEstimator.CaseMode.Lower,
            KeepPunctuations = false,
            WordFeatureExtractor = new WordBagEstimator.Options
            {
                NgramLength = 2,
                UseAllLengths = true,
                Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf,
            },
            CharFeatureExtractor = new WordBagEstimator.Options
            {
                NgramLength = 4,
                UseAllLengths = true,
                Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf,
            },
        };
        var pipeline = ml
            .Transforms.Conversion.MapValueToKey("Key", nameof(Row.Label))
            .Append(ml.Transforms.Text.FeaturizeText("Features", features, nameof(Row.Text)))
            .AppendCacheCheckpoint(ml)
            .Append(
                ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(
                    new Microsoft.ML.Trainers.SdcaMaximumEntropyMulticlassTrainer.Options
                    {
                        LabelColumnName = "Key",
                        FeatureColumnName = "Features",
                        NumberOfThreads = 1,
                        MaximumNumberOfIterations = Passes,
                        L2Regularization = 1e-6f,
                        L1Regularization = 0,
                    }
                )
            )
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        var model = pipeline.Fit(data);
        cancellationToken.ThrowIfCancellationRequested();
        var asked = model.Transform(ml.Data.LoadFromEnumerable(prompts.Select(prompt => new Row { Text = prompt })));
        return [.. asked.GetColumn<string>("PredictedLabel")];
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
        public string Label { get; set; } = "";
    }
}
