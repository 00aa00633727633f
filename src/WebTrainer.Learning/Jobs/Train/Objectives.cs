using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Makes of a spec's words what a training makes smaller.</summary>
internal static class Objectives
{
    private const string TokenizerFile = "tokenizer.json";

    /// <returns>How a row becomes sequences to learn from.</returns>
    public static Func<DatasetRow, IEnumerable<TokenRow>> Encoding(TrainSpec spec, ConversationEncoder encoder) =>
        spec.Objective.Kind switch
        {
            ObjectiveKind.Text => encoder.EncodeText,
            ObjectiveKind.Preferences when spec.Objective.Loss == PreferenceLoss.Kto => encoder.EncodeJudged,
            ObjectiveKind.Preferences => row => [encoder.EncodePair(row)],
            _ => new TurnEncoder(encoder, spec.Training.LearnedTurns).Encode,
        };

    /// <summary>Whether rows that nobody wants to be learned have something to teach.</summary>
    public static bool TakesUnwanted(TrainSpec spec) => spec.Objective is { Kind: ObjectiveKind.Preferences, Loss: PreferenceLoss.Kto };

    /// <exception cref="DataException">The rows don't suit the objective.</exception>
    public static void CheckRows(TrainSpec spec, IReadOnlyList<TokenRow> rows)
    {
        if (TakesUnwanted(spec) && rows.Select(row => row.Wanted).Distinct().ToList() is [var one])
        {
            throw new DataException(
                $"KTO learns from answers that are wanted and from such that are not, and all {rows.Count} training rows are {(one == true ? "wanted" : "unwanted")}: take a dataset with both, or another loss."
            );
        }
    }

    /// <exception cref="ModelFileException">The teacher can't be used.</exception>
    public static IObjective Of(
        TrainSpec spec,
        ILanguageModel model,
        LoraAdapter? adapter,
        int paddingId,
        CancellationToken cancellationToken
    ) =>
        spec.Objective.Kind switch
        {
            ObjectiveKind.Preferences => PreferenceObjective.Of(spec.Objective, (CausalLM)model, adapter, paddingId),
            ObjectiveKind.Distillation => new DistillationObjective(
                model,
                LoadTeacher(spec, model, cancellationToken),
                spec.Objective.Temperature,
                spec.Objective.TeacherShare
            ),
            _ => new AnswerObjective(model, spec.Objective.Kind == ObjectiveKind.Answers ? spec.Training.LabelSmoothing : 0),
        };

    private static ILanguageModel LoadTeacher(TrainSpec spec, ILanguageModel model, CancellationToken cancellationToken)
    {
        var folder = spec.Objective.Teacher!;
        var (own, other) = (Path.Combine(spec.BaseModel, TokenizerFile), Path.Combine(folder, TokenizerFile));
        var type = model.ComputeType;
        var teacher = ModelStore.LoadLanguageModel(folder, type, type, model.Device, cancellationToken: cancellationToken);
        if (teacher.Config.IsEncoderDecoder != model.Config.IsEncoderDecoder)
        {
            throw new ModelFileException(
                "An encoder-decoder learns from an encoder-decoder, and a decoder from a decoder: choose a teacher of the base's kind."
            );
        }

        var sameWords =
            teacher.Config.VocabularySize == model.Config.VocabularySize
            && (!File.Exists(own) || (File.Exists(other) && File.ReadAllBytes(own).AsSpan().SequenceEqual(File.ReadAllBytes(other))));
        return sameWords
            ? teacher
            : throw new ModelFileException(
                "The teacher has another tokenizer than the base: its probabilities are of other tokens. Choose a larger model of the same family."
            );
    }
}
