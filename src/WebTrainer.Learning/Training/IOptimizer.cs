using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Changes weights by their gradients. All of its state can be stored and restored bit for bit.</summary>
public interface IOptimizer
{
    /// <summary>Its tensors by name; a checkpoint holds them.</summary>
    IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Number of updates done; part of the state.</summary>
    int Updates { get; }

    /// <summary>
    /// Adds the gradients of what the optimiser itself adds to the loss, once an update and before gradients are clipped: it is part of the
    /// loss.
    /// </summary>
    void AddPenalties() { }

    /// <summary>One update of every weight that has a gradient.</summary>
    void Step(double learningRate);

    /// <exception cref="KeyNotFoundException">The state belongs to other parameters.</exception>
    void Restore(IReadOnlyDictionary<string, Tensor> state, int updates);
}
