using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Generation;

/// <summary>Sequences that are continued together. Each has a cache of its own, so one may join or leave between any two tokens.</summary>
public sealed class DecodingBatch : IDisposable
{
    private readonly ILanguageModel _model;
    private readonly List<CachedSequence> _sequences;

    private DecodingBatch(ILanguageModel model, List<CachedSequence> sequences) => (_model, _sequences) = (model, sequences);

    /// <summary>Sequences that are being continued; it changes with <see cref="Keep"/> and <see cref="Join"/>.</summary>
    public int Rows => _sequences.Count;

    /// <summary>Tokens of the row so far; where an encoder has read the prompt, those of the decoder.</summary>
    public int LengthOf(int row) => _sequences[row].Length;

    /// <summary>Reads the prompts, each at least one token, and fills a cache for each.</summary>
    /// <returns>The batch and the scores of each row's next token, float32 <c>[rows, vocabulary]</c>; both owned by the caller.</returns>
    public static (DecodingBatch Batch, Tensor Logits) Start(ILanguageModel model, IReadOnlyList<IReadOnlyList<int>> prompts)
    {
        var begun = model.Begin(prompts);
        var batch = new DecodingBatch(model, [.. begun.Select(row => row.Sequence)]);
        return (batch, batch.Step([.. begun.Select(row => row.First)]));
    }

    /// <summary>Goes on from one sequence, which the batch owns from now on.</summary>
    internal static DecodingBatch Of(ILanguageModel model, CachedSequence sequence) => new(model, [sequence]);

    /// <summary>Adds tokens to the only row.</summary>
    /// <returns>As for one token a row.</returns>
    internal Tensor Read(IReadOnlyList<int> tokens) => Step([tokens]);

    /// <summary>Adds one token to each row, which its cache keeps.</summary>
    /// <returns>Scores of each row's next token, float32 <c>[rows, vocabulary]</c>, owned by the caller.</returns>
    public Tensor Step(IReadOnlyList<int> tokens) => Step([.. tokens.Select(token => new[] { token })]);

    /// <summary>
    /// Runs several continuations of each row at once without changing this batch: each sees its row and itself, none another.
    /// </summary>
    /// <param name="branches">Continuations of each row; they stand one after the other.</param>
    /// <returns>Hidden states <c>[rows, tokens, hidden]</c>, owned by the caller; rows are padded on the right.</returns>
    public Tensor Peek(IReadOnlyList<IReadOnlyList<IReadOnlyList<int>>> branches) =>
        _model.Forward(CachedPass.Branch(_sequences, branches, _model.Config.ContextTokens));

    /// <summary>Drops all rows but those, in ascending order.</summary>
    public void Keep(IReadOnlyList<int> rows)
    {
        var kept = rows.ToHashSet();
        for (var row = _sequences.Count - 1; row >= 0; row--)
        {
            if (!kept.Contains(row))
            {
                _sequences[row].Dispose();
                _sequences.RemoveAt(row);
            }
        }
    }

    /// <summary>Takes over the rows of another batch of the same model, behind its own.</summary>
    public void Join(DecodingBatch other)
    {
        _sequences.AddRange(other._sequences);
        other._sequences.Clear();
    }

    /// <summary>Frees the caches of all rows; the model stays.</summary>
    public void Dispose() => Keep([]);

    private Tensor Step(IReadOnlyList<IReadOnlyList<int>> tokens)
    {
        using var scope = NewDisposeScope();
        var hidden = _model.Forward(CachedPass.Continue(_sequences, tokens, _model.Config.ContextTokens)); // [rows, width, hidden]
        var width = hidden.shape[1];
        var last =
            width == 1
                ? hidden.flatten(0, 1)
                : hidden
                    .flatten(0, 1)
                    .index_select(
                        0,
                        tensor(tokens.Select((row, index) => (index * width) + row.Count - 1).ToArray(), device: _model.Device)
                    );
        return _model.Logits(last).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
