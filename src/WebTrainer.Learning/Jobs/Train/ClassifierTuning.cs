using System.Globalization;
using System.Text.RegularExpressions;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>An encoder learns to say labels or a number.</summary>
internal sealed partial class ClassifierTuning : Tuning
{
    private readonly TrainSpec _spec;
    private readonly ClassifierSpec _classifier;

    public ClassifierTuning(TrainSpec spec, ClassifierSpec classifier, IReadOnlyList<DatasetRow> rows)
    {
        (_spec, _classifier) = (spec, classifier);
        Config = ModelConfig.Read(spec.BaseModel);
        Encoder = new ClassifierEncoder(
            TextTokenizer.Load(spec.BaseModel),
            classifier,
            ClassifierInput.Of(rows),
            LabelsOf(spec.Data?.Labels),
            Math.Min(spec.Training.ContextTokens, Config.ContextTokens)
        );
    }

    public ClassifierEncoder Encoder { get; }

    public override TextTokenizer Tokenizer => Encoder.Tokenizer;

    public override ModelConfig Config { get; }

    public override int ContextTokens => Encoder.MaximumTokens;

    public override IEnumerable<TokenRow> Encode(DatasetRow row) => [Encoder.Encode(row)];

    public override string? TargetWords(TokenRow row) => ClassifierAnswer.WordsOf(row.Target!, Encoder.Labels);

    public override Learner Load(IReadOnlyList<TokenRow> rows, Device device, CancellationToken cancellationToken)
    {
        var (compute, method) = (ComputeType.For(device), _spec.Method.Method);
        var full = method == TuningMethod.Full;
        var precision = method == TuningMethod.QLoRA ? WeightPrecision.FourBits : WeightPrecision.Full;
        var head = ClassifierHeads.Of(_classifier, _spec.BaseModel, Encoder.Labels);
        var isNew = !ClassifierHeads.IsOfFolder(_classifier, head, _spec.BaseModel);
        var model = ModelStore
            .LoadClassifier(
                _spec.BaseModel,
                isNew ? head : null,
                full ? ScalarType.Float32 : compute,
                compute,
                device,
                precision,
                _spec.Seed,
                cancellationToken
            )
            .WithDropout(_classifier.Dropout);
        var adapter = method is TuningMethod.Full or TuningMethod.Head
            ? null
            : LoraAdapter.Create(model, _spec.Method, _spec.Seed) with
            {
                Head = model.HeadParameters,
            };
        adapter?.Attach(model);
        var layers = full ? TrainedParameter.All(model.Weights.Tensors) : adapter?.Parameters() ?? [];
        var (loss, targets) = (LossOf(rows), rows.Select(row => row.Target!).ToList());
        // How frequent each label is may only be learned under the budget: a private run begins at nothing, and can't tell a relapse.
        var isPrivate = _spec.Privacy is { IsOn: true };
        using var counted = loss.Guess(targets);
        using var guess = isPrivate ? zeros_like(counted) : counted.alias();
        if (isNew)
        {
            model.BeginAt(guess);
        }

        return new ClassifierLearner(_spec, this, model, loss, isPrivate ? null : loss.OfGuessing(targets), guess.data<float>().ToArray())
        {
            Adapter = adapter,
            Parameters =
            [
                .. layers.Select(parameter => parameter with { Rate = RateOf(parameter.Name) }),
                .. TrainedParameter.All(model.HeadParameters).Select(parameter => parameter with { Rate = _classifier.HeadRate }),
            ],
            Objective =
                method == TuningMethod.Head ? FrozenObjective(model, loss, rows, cancellationToken) : new ClassifierObjective(model, loss),
        };
    }

    /// <summary>Labels of one row's text that has several are taken apart; each is one of the set.</summary>
    private IReadOnlyList<string> LabelsOf(IReadOnlyList<string>? published)
    {
        if (_classifier.Kind == ClassificationKind.Number)
        {
            return [];
        }

        var labels =
            published
            ?? throw new DataException(
                "The dataset was published without a closed set of labels, so there is nothing for a classifier to choose from. Map a column as the label, or choose a decoder."
            );
        labels =
            _classifier.Kind == ClassificationKind.OneLabel
                ? labels
                :
                [
                    .. labels
                        .SelectMany(label => ClassifierEncoder.Split(label, _classifier.Separator))
                        .Distinct(StringComparer.Ordinal)
                        .Order(StringComparer.Ordinal),
                ];
        return labels.Count > 1 || _classifier.Kind == ClassificationKind.SeveralLabels
            ? labels
            : throw new DataException($"All rows have the same label '{labels[0]}': there is nothing to tell apart.");
    }

    private ClassificationLoss LossOf(IReadOnlyList<TokenRow> rows) =>
        new(
            _classifier.Kind,
            Encoder.Labels.Count,
            _classifier.LabelSmoothing,
            _classifier.ClassWeights == ClassWeighting.Balanced
                ? ClassificationLoss.Balanced(rows.Select(row => row.Target!), Encoder.Labels.Count)
                : null
        );

    private HeadObjective FrozenObjective(
        SequenceClassifier model,
        ClassificationLoss loss,
        IReadOnlyList<TokenRow> rows,
        CancellationToken cancellationToken
    )
    {
        var vectors = ClassifierScores.VectorsOf(model, rows, PaddingId, progress: null, cancellationToken);
        var table = tensor(vectors.SelectMany(vector => vector).ToArray(), [rows.Count, vectors[0].Length], device: model.Device)
            .DetachFromDisposeScope();
        return new HeadObjective(
            model,
            loss,
            table,
            rows.Select((row, place) => (row.Id, place)).ToDictionary(entry => entry.Id, entry => entry.place, StringComparer.Ordinal)
        );
    }

    /// <summary>decay to the power of the layers above; an embedding lies below the first layer.</summary>
    private double RateOf(string name)
    {
        if (_classifier.LayerDecay == 1)
        {
            return 1;
        }

        var layer = LayerNumber().Match(name) is { Success: true } match
            ? int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture)
            : -1;
        return Math.Pow(_classifier.LayerDecay, Config.Layers - 1 - layer);
    }

    [GeneratedRegex(
        @"layers?\.(?<number>\d{1,4})\.",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex LayerNumber();
}

internal sealed class ClassifierLearner(
    TrainSpec spec,
    ClassifierTuning tuning,
    SequenceClassifier model,
    ClassificationLoss loss,
    double? guessingLoss,
    float[] guess
) : Learner
{
    private const int SampleRows = 64;

    public override ITunable Model => model;

    public override double? GuessingLoss => guessingLoss;

    public override Validated Measure(IReadOnlyList<DatasetRow> rows, IReadOnlyList<TokenRow> encoded, CancellationToken cancellationToken)
    {
        var scores = ClassifierScores.Of(model, encoded, tuning.PaddingId, progress: null, cancellationToken);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        List<RowTarget> targets = [.. encoded.Select(row => row.Target!)];
        var losses = loss.OfRows(tensor(scores.SelectMany(row => row).ToArray(), [scores.Length, scores[0].Length]), targets);
        var gains = loss.OfRows(tensor(guess).unsqueeze(0).expand(targets.Count, -1), targets) - losses;
        return new Validated(
            losses.sum().item<float>() / targets.Sum(loss.Count),
            spec.Classifier!.Kind == ClassificationKind.Number ? null : (double)encoded.Zip(scores).Count(IsRight) / encoded.Count,
            IsSure(gains.data<float>().ToArray())
        );
    }

    /// <summary>Mean above its standard error, s / √n.</summary>
    private static bool IsSure(float[] gains)
    {
        var mean = gains.Average();
        var variance = gains.Length < 2 ? 0 : gains.Sum(gain => (gain - mean) * (gain - mean)) / (gains.Length - 1);
        return mean > Math.Sqrt(variance / gains.Length);
    }

    public override IEnumerable<(DatasetRow Row, string Prompt, string Expected, string Text)> Answer(
        IReadOnlyList<DatasetRow> rows,
        IReadOnlyList<TokenRow> encoded,
        CancellationToken cancellationToken
    )
    {
        List<TokenRow> asked = [.. rows.Take(SampleRows).SelectMany(tuning.Encode)];
        var scores = ClassifierScores.Of(model, asked, tuning.PaddingId, progress: null, cancellationToken);
        return rows.Take(SampleRows)
            .Zip(
                scores,
                (row, score) =>
                    (
                        row,
                        tuning.Encoder.Input.TextOf(row.Messages.SkipLast(1)),
                        row.Messages[^1].Content,
                        ClassifierAnswer.Of(spec.Classifier!, tuning.Encoder.Labels, score).Text
                    )
            );
    }

    public override void Save(string folder)
    {
        var file = new ClassifierFile(spec.Classifier! with { Labels = tuning.Encoder.Labels }, tuning.Encoder.Input, tuning.ContextTokens);
        if (Adapter is { } adapter)
        {
            PeftFolder.Save(folder, adapter, ModelOrigin.NameOf(spec.BaseModel));
        }
        else
        {
            ModelStore.SaveClassifier(folder, spec.BaseModel, model.HeadConfig, model.Parameters, ScalarType.Float32);
        }

        file.Write(folder);
    }

    private bool IsRight((TokenRow Row, float[] Scores) pair)
    {
        var said = ClassifierAnswer.PlacesOf(spec.Classifier!.Kind, pair.Scores);
        var target = pair.Row.Target!;
        return spec.Classifier.Kind == ClassificationKind.OneLabel
            ? said[0] == target.Likeliest
            : said.ToHashSet().SetEquals(target.Labels.Where((_, i) => target.Shares[i] > ClassifierAnswer.Threshold));
    }
}
