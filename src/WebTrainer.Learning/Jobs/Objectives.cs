using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Makes of a spec's words what a training makes smaller, and refuses what doesn't go together.</summary>
internal static class Objectives
{
    private const string TokenizerFile = "tokenizer.json";

    /// <exception cref="InvalidDataException">Settings that exclude each other, in a sentence.</exception>
    public static void Check(RunSpec spec)
    {
        var (objective, training) = (spec.Objective, spec.Training);
        string? reason = objective.Kind switch
        {
            ObjectiveKind.Preferences when spec.Method.Method == TuningMethod.Full => "Preference training compares with the untouched base, which full fine-tuning changes: choose an adapter method.",
            ObjectiveKind.Preferences when spec.Method.Method == TuningMethod.AdaLoRA => "Preference training with AdaLoRA is not supported: choose LoRA, DoRA or QLoRA.",
            ObjectiveKind.Preferences when training.Packing => "Packing is not for preference pairs: turn it off.",
            ObjectiveKind.Preferences when training.PromptDropout > 0 => "Prompt dropout is not for preference pairs, whose prompts must be the same: set it to 0.",
            ObjectiveKind.Preferences when objective.Beta is not (> 0 and <= 10) => "Beta must lie above 0 and at most at 10.",
            ObjectiveKind.Distillation when objective.Teacher is null => "Distillation needs a teacher model.",
            ObjectiveKind.Distillation when objective.Temperature is not (> 0 and <= 100) || objective.TeacherShare is not (>= 0 and <= 1) => "The teacher's temperature must lie above 0 and its share between 0 and 1.",
            _ => null,
        };
        if (reason is not null)
        {
            throw new InvalidDataException(reason);
        }
    }

    /// <returns>How a row becomes sequences to learn from.</returns>
    public static Func<DatasetRow, IEnumerable<TokenRow>> Encoding(RunSpec spec, ConversationEncoder encoder) => spec.Objective.Kind switch
    {
        ObjectiveKind.Text => encoder.EncodeText,
        ObjectiveKind.Preferences => row => [encoder.EncodePair(row)],
        _ => row => [encoder.Encode(row)],
    };

    /// <exception cref="ModelFileException">The teacher can't be used.</exception>
    public static IObjective Of(RunSpec spec, CausalLM model, LoraAdapter? adapter, CancellationToken cancellation) => spec.Objective.Kind switch
    {
        ObjectiveKind.Preferences => new PreferenceObjective(adapter!, spec.Objective.Beta),
        ObjectiveKind.Distillation => new DistillationObjective(LoadTeacher(spec, model, cancellation), spec.Objective.Temperature, spec.Objective.TeacherShare),
        _ => new AnswerObjective(),
    };

    private static CausalLM LoadTeacher(RunSpec spec, CausalLM model, CancellationToken cancellation)
    {
        var folder = spec.Objective.Teacher!;
        var (own, other) = (Path.Combine(spec.BaseModel, TokenizerFile), Path.Combine(folder, TokenizerFile));
        var teacher = ModelStore.Load(folder, model.ComputeType, model.ComputeType, model.Device, cancellation: cancellation);
        var sameWords = teacher.Config.VocabularySize == model.Config.VocabularySize
            && (!File.Exists(own) || (File.Exists(other) && File.ReadAllBytes(own).AsSpan().SequenceEqual(File.ReadAllBytes(other))));
        return sameWords ? teacher
            : throw new ModelFileException("The teacher has another tokenizer than the base: its probabilities are of other tokens. Choose a larger model of the same family.");
    }
}
