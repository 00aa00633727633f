using WebTrainer.Learning.Batching;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A model that can be trained, as a whole or by adapters: a decoder, an encoder-decoder, or an encoder with a head.</summary>
public interface ITunable
{
    /// <summary>Sizes and shape of the transformer; of a classifier, of its encoder.</summary>
    ModelConfig Config { get; }

    /// <summary>Where its weights lie and its inputs must.</summary>
    Device Device { get; }

    /// <summary>Dropout is active.</summary>
    bool Training { get; set; }

    /// <summary>Compute each layer again in the backward pass instead of keeping what is inside it.</summary>
    bool Checkpointing { get; set; }

    /// <summary>Every map that an adapter can change by its name.</summary>
    IEnumerable<Projection> Projections { get; }

    /// <summary>The linear maps inside the layers.</summary>
    IEnumerable<Projection> LayerProjections { get; }

    /// <summary>
    /// Maps of experts that are parts of one tensor (gpt-oss): no linear maps in the words of libraries, and never packed, but an adapter
    /// can change them.
    /// </summary>
    IEnumerable<Projection> StackedProjections => [];

    /// <summary>The table of the tokens' vectors, where adapters can change it; else null.</summary>
    Projection? Embedding { get; }

    /// <summary>Numbers among the weights, packed ones counted as they were before; adapters don't count.</summary>
    long ParameterCount { get; }

    /// <summary>The first part whose output is no finite number, to be told to whoever has to find out why; null if all are.</summary>
    string? FindNotFinite(Batch batch);
}
