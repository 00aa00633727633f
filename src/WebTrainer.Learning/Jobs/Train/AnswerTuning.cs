using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Export;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Templates;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>A decoder or encoder-decoder learns to answer in text.</summary>
internal sealed class AnswerTuning : Tuning
{
    private readonly TrainSpec _spec;
    private readonly Func<DatasetRow, IEnumerable<TokenRow>> _encode;

    public AnswerTuning(TrainSpec spec)
    {
        _spec = spec;
        Config = ModelConfig.Read(spec.BaseModel);
        Encoder = ConversationEncoder.Of(
            spec.BaseModel,
            spec.Template,
            Math.Min(spec.Training.ContextTokens, Config.ContextTokens),
            Config.IsEncoderDecoder
        );
        _encode = Objectives.Encoding(spec, Encoder);
    }

    public ConversationEncoder Encoder { get; }

    public override TextTokenizer Tokenizer => Encoder.Tokenizer;

    public override ModelConfig Config { get; }

    public override int ContextTokens => Encoder.ContextTokens;

    public override IEnumerable<TokenRow> Encode(DatasetRow row) => _encode(row);

    public override Learner Load(IReadOnlyList<TokenRow> rows, Device device, CancellationToken cancellationToken)
    {
        var compute = ComputeType.For(device);
        var full = _spec.Method.Method == TuningMethod.Full;
        var precision = _spec.Method.Method == TuningMethod.QLoRA ? WeightPrecision.FourBits : WeightPrecision.Full;
        Objectives.CheckRows(_spec, rows);
        var storage = full ? ScalarType.Float32 : compute;
        var model = ModelStore.LoadLanguageModel(_spec.BaseModel, storage, compute, device, precision, cancellationToken);
        if (model is CausalLM decoder)
        {
            decoder.EmbeddingNoise = _spec.Training.EmbeddingNoise;
        }

        var adapter =
            full ? null
            : _spec.StartsFrom is { } start ? LoraAdapter.GoOn(start.Path, model, _spec.Method, cancellationToken)
            : LoraAdapter.Create(model, _spec.Method, _spec.Seed);
        adapter?.Attach(model);
        return new AnswerLearner(_spec, this, model)
        {
            Adapter = adapter,
            Parameters = adapter?.Parameters() ?? TrainedParameter.All(model.Weights.Tensors),
            Objective = Objectives.Of(_spec, model, adapter, PaddingId, cancellationToken),
        };
    }
}

internal sealed class AnswerLearner(TrainSpec spec, AnswerTuning tuning, ILanguageModel model) : Learner
{
    /// <summary>
    /// Rows whose labels are chosen at a validation; a share of 512 rows is known to ±4 %, which steers a run well enough.
    /// </summary>
    private const int AccuracyRows = 512;
    private const int SampleTokens = 64;

    public override ITunable Model => model;

    public override Validated Measure(IReadOnlyList<DatasetRow> rows, IReadOnlyList<TokenRow> encoded, CancellationToken cancellationToken)
    {
        if (Objective is PreferenceObjective preferences)
        {
            var (loss, accuracy) = preferences.Measure(encoded, tuning.PaddingId, cancellationToken);
            return new Validated(loss, accuracy);
        }

        return new Validated(MeanLoss.Of(model, encoded, tuning.PaddingId, cancellationToken), Accuracy(rows, cancellationToken));
    }

    public override IEnumerable<(DatasetRow Row, string Prompt, string Expected, string Text)> Answer(
        IReadOnlyList<DatasetRow> rows,
        IReadOnlyList<TokenRow> encoded,
        CancellationToken cancellationToken
    )
    {
        if (spec.Objective.Kind == ObjectiveKind.Text)
        {
            return encoded.Take(rows.Count).Select((row, i) => Continue(rows[i], row, cancellationToken));
        }

        return rows.Zip(
            Ask(rows, labels: null, cancellationToken),
            (row, answer) => (row, row.Messages[Math.Max(0, row.Messages.Count - 2)].Content, row.Messages[^1].Content, answer)
        );
    }

    public override void Save(string folder)
    {
        if (Adapter is { } adapter)
        {
            PeftFolder.Save(folder, adapter, ModelOrigin.NameOf(spec.BaseModel));
            if (tuning.Encoder.MadeTemplate is { } template)
            {
                TemplateFiles.WriteOwn(folder, template);
            }

            return;
        }

        var probe = AnswerProbe.Of(model, tuning.Encoder, CancellationToken.None);
        TunedFolder.Write(folder, spec.BaseModel, model.Weights.Tensors, tuning.Encoder);
        probe.Require(folder, model.Device, CancellationToken.None);
    }

    private double? Accuracy(IReadOnlyList<DatasetRow> all, CancellationToken cancellationToken)
    {
        if (spec.Data?.Labels is not { Count: > 1 } labels)
        {
            return null;
        }

        // Every k-th row, because rows often come sorted by label.
        var stride = Math.Max(1, all.Count / AccuracyRows);
        List<DatasetRow> rows = [.. all.Where((_, index) => index % stride == 0).Take(AccuracyRows)];
        return (double)rows.Zip(Ask(rows, labels, cancellationToken)).Count(pair => Scorecard.IsRight(pair.First, pair.Second))
            / rows.Count;
    }

    private IEnumerable<string> Ask(IReadOnlyList<DatasetRow> rows, IReadOnlyList<string>? labels, CancellationToken cancellationToken)
    {
        var data = new OwnData([], [.. rows], labels, General: null, SampleTokens);
        return new RequestRunner(model, tuning.Encoder, journal: null)
            .Run([.. rows.Select(row => data.AnswerTo([.. row.Messages.SkipLast(1)]))], progress: null, cancellationToken)
            .Select(response => response.Text);
    }

    /// <summary>Lets the model go on from the first half of a text.</summary>
    private (DatasetRow, string, string, string) Continue(DatasetRow row, TokenRow text, CancellationToken cancellationToken)
    {
        var tokenizer = tuning.Tokenizer;
        var half = Math.Min(SampleTokens, text.Tokens.Length / 2);
        var written = GreedyGenerator.Generate(model, [text.Tokens[..half]], SampleTokens, tuning.Encoder.EndIds, cancellationToken)[0];
        return (
            row with
            {
                Id = text.Id,
            },
            tokenizer.Decode(text.Tokens[..half]),
            tokenizer.Decode(text.Tokens[half..]),
            tokenizer.Decode(written)
        );
    }
}
