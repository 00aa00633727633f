using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>
/// Distillation (arXiv:1503.02531): <c>(1-s)·CE(answer) + s·T²·KL(softmax(teacher/T) ‖ softmax(student/T))</c>, a mean over the
/// learned tokens. T² keeps the gradients' size whatever the temperature (section 2 of the paper).
/// </summary>
/// <param name="model">The student.</param>
/// <param name="teacher">A model of the same vocabulary.</param>
/// <param name="temperature">T</param>
/// <param name="share">s, the teacher's part, 0 to 1.</param>
public sealed class DistillationObjective(ILanguageModel model, ILanguageModel teacher, double temperature, double share) : IObjective
{
    /// <summary>The learned tokens of the row.</summary>
    public double Count(TokenRow row) => row.LearnedTokens;

    /// <inheritdoc/>
    public Tensor Share(Batch batch, double divisor)
    {
        using var scope = NewDisposeScope();
        var student = AnswerLoss.LearnedLogits(model, batch).to(ScalarType.Float32); // [learned, vocabulary]
        var wanted = TeacherLogits(batch);
        var answers = nn.functional.cross_entropy(student, batch.Targets, reduction: nn.Reduction.Sum);
        var (p, q) = (wanted.Times(1 / temperature).log_softmax(-1), student.Times(1 / temperature).log_softmax(-1));
        var divergence = (p.exp() * (p - q)).sum();
        return answers
            .Times((1 - share) / divisor)
            .Plus(divergence.Times(share * temperature * temperature / divisor))
            .MoveToOuterDisposeScope();
    }

    private Tensor TeacherLogits(Batch batch)
    {
        using var _ = no_grad();
        return AnswerLoss.LearnedLogits(teacher, batch).to(ScalarType.Float32);
    }
}
