using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Several optimisers, each for its own weights, that step together.</summary>
public sealed class JointOptimizer(params IReadOnlyList<IOptimizer> parts) : IOptimizer
{
    /// <summary>All parts' tensors; their names must differ.</summary>
    public IReadOnlyDictionary<string, Tensor> State => parts.SelectMany(part => part.State).ToDictionary();

    /// <summary>Those of the first part; all parts have as many.</summary>
    public int Updates => parts[0].Updates;

    /// <inheritdoc/>
    public void Step(double learningRate)
    {
        foreach (var part in parts)
        {
            part.Step(learningRate);
        }
    }

    /// <inheritdoc/>
    public void Restore(IReadOnlyDictionary<string, Tensor> state, int updates)
    {
        foreach (var part in parts)
        {
            part.Restore(state, updates);
        }
    }
}
