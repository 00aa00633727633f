using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>What changes along when somebody chooses another method or objective in a form.</summary>
public static class SettingConsequences
{
    // AdaLoRA's change begins as a product of three small factors: at the others' rate it would hardly begin to learn.
    private const double AdaptiveRate = 20;

    public static TuningSettings After(TuningSettings before, TuningSettings now) =>
        OfPrivacy(before, OfObjective(before, OfMethod(before, now)));

    // What no budget covers, and nobody chose for its own sake.
    private static TuningSettings OfPrivacy(TuningSettings before, TuningSettings now) =>
        now.Privacy.IsOn && !before.Privacy.IsOn
            ? now with
            {
                Training = now.Training with { Packing = false, EmbeddingNoise = 0 },
                Classifier = now.Classifier is null ? null : now.Classifier with { ClassWeights = ClassWeighting.None },
            }
            : now;

    private static TuningSettings OfMethod(TuningSettings before, TuningSettings now)
    {
        var (was, method) = (before.Method.Method, now.Method.Method);
        if (was == method)
        {
            return now;
        }

        var training = now.Training;
        if (method == TuningMethod.AdaLoRA != (was == TuningMethod.AdaLoRA))
        {
            training = training with
            {
                LearningRate = training.LearningRate * (method == TuningMethod.AdaLoRA ? AdaptiveRate : 1 / AdaptiveRate),
            };
        }

        if (method == TuningMethod.Head)
        {
            training = training with { PromptDropout = 0 }; // it learns from vectors that are computed once
        }

        return now with
        {
            Training = training,
        };
    }

    // Pairs keep their prompts whole and apart, and learn gently from where the base stands.
    private static TuningSettings OfObjective(TuningSettings before, TuningSettings now)
    {
        if (before.Objective.Kind == now.Objective.Kind)
        {
            return now;
        }

        return now.Objective.Kind switch
        {
            ObjectiveKind.Preferences => now with
            {
                Method = now.Method with
                {
                    Method = now.Method.Method is TuningMethod.Full or TuningMethod.AdaLoRA ? TuningMethod.LoRA : now.Method.Method,
                },
                Training = now.Training with { PromptDropout = 0, Packing = false, LearningRate = 2e-4, Epochs = 2, MicroBatch = 8 },
            },
            ObjectiveKind.Text => now with { Training = now.Training with { PromptDropout = 0 } },
            _ => now,
        };
    }
}
