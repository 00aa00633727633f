using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>A method as the form offers it.</summary>
/// <param name="Sentence">What it does and when to take it.</param>
public sealed record MethodChoice(TuningMethod Method, string Name, string Sentence)
{
    public static IReadOnlyList<MethodChoice> All { get; } =
    [
        new(TuningMethod.LoRA, "LoRA", "Trains two thin matrices beside each chosen layer: a few percent of the weights."),
        new(TuningMethod.DoRA, "DoRA", "LoRA that learns the length and the direction of the weights apart: often a little better at low ranks, and slower."),
        new(TuningMethod.QLoRA, "QLoRA", "LoRA on a base that is kept in four bits a weight: a quarter of its memory, a little less exact."),
        new(TuningMethod.AdaLoRA, "AdaLoRA", "LoRA that begins with more rank and takes it away where it helps least: the rank is the mean at the end."),
        new(TuningMethod.Head, "Head alone", "The encoder stays as it is and only the classification head learns, on vectors that are computed once: seconds."),
        new(TuningMethod.Full, "Full fine-tuning", "Trains every weight: most memory, largest result."),
    ];

    public static MethodChoice Of(TuningMethod method) => All.First(choice => choice.Method == method);
}
