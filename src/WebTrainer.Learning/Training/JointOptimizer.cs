using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Several optimisers, each for its own weights, that step together.</summary>
public sealed class JointOptimizer(params IReadOnlyList<IOptimizer> parts) : IOptimizer
{
    public IReadOnlyDictionary<string, Tensor> State => parts.SelectMany(part => part.State).ToDictionary();

    public int Updates => parts[0].Updates;

    public void Step(double learningRate)
    {
        foreach (var part in parts)
        {
            part.Step(learningRate);
        }
    }

    public void Restore(IReadOnlyDictionary<string, Tensor> state, int updates)
    {
        foreach (var part in parts)
        {
            part.Restore(state, updates);
        }
    }
}
