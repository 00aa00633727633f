using WebTrainer.Learning.Batching;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>A model that reads a prompt and writes an answer: a decoder, or an encoder-decoder.</summary>
public interface ILanguageModel : ITunable
{
    /// <summary>All of its weights by their Hugging Face names, packed ones apart; the model keeps them as long as it lives.</summary>
    ModelWeights Weights { get; }

    /// <summary>Type of activations.</summary>
    ScalarType ComputeType { get; }

    /// <summary>Runs prompts and what is written behind them.</summary>
    /// <returns>Hidden states of the last token of each prompt and of each written one, row by row, <c>[places, hidden]</c>; owned by the
    /// caller.</returns>
    Tensor Read(IReadOnlyList<PromptAndAnswer> rows);

    /// <summary>Runs rows to learn from.</summary>
    /// <returns>Hidden states of the places before each learned token, <c>[learned, hidden]</c>, in the order of the batch's targets; owned
    /// by the caller.</returns>
    Tensor LearnedStates(Batch batch);

    /// <param name="hidden"><c>[…, hidden]</c></param>
    /// <returns>Scores of each next token, <c>[…, vocabulary]</c>, in the compute type; owned by the caller.</returns>
    Tensor Logits(Tensor hidden);

    /// <summary>Begins to answer prompts.</summary>
    /// <returns>A sequence for each prompt, owned by the caller, and the tokens that it is to run first: behind the last of them stands
    /// the answer's first.</returns>
    IReadOnlyList<(CachedSequence Sequence, IReadOnlyList<int> First)> Begin(IReadOnlyList<IReadOnlyList<int>> prompts);

    /// <summary>Runs new tokens of cached sequences.</summary>
    /// <returns>Hidden states <c>[sequences, width, hidden]</c>, owned by the caller; rubbish where a row is padded.</returns>
    Tensor Forward(CachedPass tokens);
}
