using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>The kind of model that a run tunes, before its weights are loaded: how rows become sequences.</summary>
public abstract class Tuning
{
    /// <summary>The base model's tokenizer, which is there before its weights are loaded.</summary>
    public abstract TextTokenizer Tokenizer { get; }

    /// <summary>The base model's sizes, read before its weights are.</summary>
    public abstract ModelConfig Config { get; }

    /// <summary>Longest sequence in tokens: the settings', or the model's context if that is shorter.</summary>
    public abstract int ContextTokens { get; }

    /// <summary>Token that fills short rows, which is masked: the tokenizer's padding, else its end, else 0.</summary>
    public int PaddingId => Tokenizer.PaddingId ?? Tokenizer.EndId ?? 0;

    /// <summary>The sequences that a row is learned from.</summary>
    /// <exception cref="DataException">The row can't be learned from.</exception>
    public abstract IEnumerable<TokenRow> Encode(DatasetRow row);

    /// <summary>What a classifier shall say of a row, in words; null where the answer is among the tokens.</summary>
    public virtual string? TargetWords(TokenRow row) => null;

    /// <param name="rows">All rows to learn from.</param>
    /// <param name="device">Holds the weights.</param>
    /// <param name="cancellationToken">Looked at between weights.</param>
    /// <exception cref="ModelFileException">The base model can't be used.</exception>
    public abstract Learner Load(IReadOnlyList<TokenRow> rows, Device device, CancellationToken cancellationToken);

    /// <exception cref="ModelFileException">The base model can't be used.</exception>
    /// <exception cref="InvalidDataException">A setting out of its bounds, or settings that exclude each other, in a sentence.</exception>
    public static Tuning Of(TrainSpec spec, IReadOnlyList<DatasetRow> rows)
    {
        var type = ModelConfig.Read(spec.BaseModel).Type;
        if (
            (SettingRules.WhyNot(spec.Tuning) ?? EncoderDecoderRules.WhyNot(spec.Tuning, type) ?? PrivacyRules.WhyNot(spec.Tuning, type)) is
            { } reason
        )
        {
            throw new InvalidDataException(reason);
        }

        if (
            spec.StartsFrom is { } start
            && (spec.Classifier is not null || spec.Method.Method is TuningMethod.Full or TuningMethod.AdaLoRA)
        )
        {
            throw new InvalidDataException(
                $"Only LoRA, QLoRA and DoRA of a model that writes can go on from an adapter; {start.Name} can't be gone on with by this method."
            );
        }

        if (spec is { StartsFrom: { } other, Privacy.IsOn: true })
        {
            throw new InvalidDataException(
                $"A private run begins with a fresh adapter: what {other.Name} has learned of the rows is outside its account. Submit it without that start, or set the privacy budget to 0."
            );
        }

        return spec.Classifier is { } classifier ? new ClassifierTuning(spec, classifier, rows) : new AnswerTuning(spec);
    }
}

/// <summary>What a model under training makes of the validation rows.</summary>
/// <param name="Loss">Mean, in nats.</param>
/// <param name="Accuracy">Share of right answers, where that has a meaning.</param>
/// <param name="BeatsGuessing">False where the loss isn't below that of guessing by more than the standard error of the difference, row by
/// row.</param>
public sealed record Validated(double Loss, double? Accuracy, bool BeatsGuessing = true);

/// <summary>A loaded model with what of it learns, how it is judged on the way, and how it is written at the end.</summary>
public abstract class Learner
{
    /// <summary>The base with its adapter attached, or the whole model that learns.</summary>
    public abstract ITunable Model { get; }

    /// <summary>The adapter that learns; null where all weights do, or a head alone.</summary>
    public required LoraAdapter? Adapter { get; init; }

    /// <summary>All weights that learn, which the optimiser changes: an adapter's factors, a head, or everything.</summary>
    public required IReadOnlyList<TrainedParameter> Parameters { get; init; }

    /// <summary>What each step makes smaller.</summary>
    public required IObjective Objective { get; init; }

    /// <summary>
    /// Loss of giving all rows the same answer, in nats, by which a relapse is noticed; null where guessing has no such measure.
    /// </summary>
    public virtual double? GuessingLoss => null;

    /// <summary>Judges the model on rows of the validation split, without gradients and dropout.</summary>
    /// <param name="rows">Of the validation split.</param>
    /// <param name="encoded">Their sequences.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    public abstract Validated Measure(IReadOnlyList<DatasetRow> rows, IReadOnlyList<TokenRow> encoded, CancellationToken cancellationToken);

    /// <summary>What the model answers to some rows, to be read by a person.</summary>
    public abstract IEnumerable<(DatasetRow Row, string Prompt, string Expected, string Text)> Answer(
        IReadOnlyList<DatasetRow> rows,
        IReadOnlyList<TokenRow> encoded,
        CancellationToken cancellationToken
    );

    /// <summary>Writes what was learned: an adapter in PEFT form, or the whole model.</summary>
    public abstract void Save(string folder);
}
