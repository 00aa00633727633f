using System.Diagnostics;
using System.Runtime.InteropServices;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Scoring.Benchmarks;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>
/// Log-probabilities of continuations and of whole texts. Requests that read the same tokens share a sequence, so that letters of a
/// multiple-choice question cost one pass together; sequences of like length share a batch.
/// </summary>
internal sealed class LikelihoodScorer(ILanguageModel model, PromptTokens tokens)
{
    /// <summary>Scores of all tokens at asked positions, in floats: 256 MB.</summary>
    private const long MostScores = 64L << 20;
    private readonly BatchBudget _budget = new();

    /// <summary>Tokens to read, and of which the model is asked how likely they were.</summary>
    /// <param name="read">All of its tokens, the prompt's first.</param>
    /// <param name="start">Where the prompt ends.</param>
    private sealed class Sequence(int[] read, int start)
    {
        public int Length => read.Length;

        public PromptAndAnswer Row { get; } = new(read[..start], read[start..]);

        /// <summary>Number of the request, place of the token behind the prompt, and the token.</summary>
        public List<(int Request, int Place, int Token)> Asked { get; } = [];
    }

    /// <param name="requests">Continuations and whole texts.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <returns>Answers as their batches are done: number of the request and its response.</returns>
    public IEnumerable<IReadOnlyList<(int Request, ModelResponse Response)>> Answer(
        IReadOnlyList<ModelRequest> requests,
        CancellationToken cancellationToken
    )
    {
        model.Training = false;
        var sums = new (double LogProbability, int Tokens, int Open)[requests.Count];
        var sequences = Prepare(requests, sums);
        // of nothing nothing is asked
        yield return [.. Enumerable.Range(0, requests.Count).Where(i => sums[i].Open == 0).Select(i => (i, new ModelResponse("", 0, 0)))];
        foreach (var batch in Batches(sequences))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scores = Run(batch);
            var done = new List<(int, ModelResponse)>();
            foreach (var ((request, _, _), score) in batch.SelectMany(sequence => sequence.Asked).Zip(scores))
            {
                ref var sum = ref sums[request];
                sum = (sum.LogProbability + score, sum.Tokens + 1, sum.Open - 1);
                if (sum.Open == 0)
                {
                    done.Add((request, new("", sum.LogProbability, sum.Tokens)));
                }
            }

            yield return done;
        }
    }

    private List<Sequence> Prepare(IReadOnlyList<ModelRequest> requests, (double LogProbability, int Tokens, int Open)[] sums)
    {
        var sequences = new Dictionary<(int Start, string Read), Sequence>();
        for (var i = 0; i < requests.Count; i++)
        {
            foreach (var (all, start) in Windows(requests[i]))
            {
                var read = all[..^1];
                var key = (start, new string(MemoryMarshal.Cast<int, char>(read)));
                if (!sequences.TryGetValue(key, out var sequence))
                {
                    sequences[key] = sequence = new(read, start);
                }

                for (var place = start; place < all.Length; place++)
                {
                    sequence.Asked.Add((i, place - start, all[place]));
                    sums[i].Open++;
                }
            }
        }

        return [.. sequences.Values.OrderBy(sequence => sequence.Length)];
    }

    /// <summary>The tokens of a request in sequences that fit the context, and from where on each is asked about.</summary>
    private IEnumerable<(int[] All, int Start)> Windows(ModelRequest request)
    {
        if (request is ContinuationRequest continuation)
        {
            var (all, start) = tokens.Of(continuation);
            var room = model.Config.PromptRoom(all.Count - 1 - start);
            var cut = Math.Clamp(start - room, 0, start - 1); // the prompt loses its left end
            int[] kept = [.. all.Skip(cut).Take(start - cut + model.Config.AnswerRoom(start - cut) + 1)];
            return [(kept, start - cut)];
        }

        return Rolling([.. tokens.Plain(((WholeTextRequest)request).Text)], model.Config.ContextTokens);
    }

    /// <summary>
    /// Windows of a long text: each token is asked about once, with the window before it in sight where it fits; the last window is filled
    /// up from the left (lm-evaluation-harness, rolling windows of context length 1).
    /// </summary>
    private IEnumerable<(int[] All, int Start)> Rolling(int[] text, int context)
    {
        if (text.Length == 0)
        {
            yield break;
        }

        int[] whole = tokens.Prefix is { } prefix ? [prefix, .. text] : text;
        var first = Math.Min(whole.Length, context + 1);
        yield return (whole[..first], 1);
        for (var done = first; done < whole.Length; )
        {
            var end = Math.Min(whole.Length, done + context);
            var begin = Math.Max(0, end - context - 1);
            yield return (whole[begin..end], done - begin);
            done = end;
        }
    }

    private IEnumerable<List<Sequence>> Batches(List<Sequence> sequences)
    {
        var vocabulary = model.Config.VocabularySize;
        for (var next = 0; next < sequences.Count; )
        {
            var batch = new List<Sequence>();
            var asked = 0L;
            while (
                next < sequences.Count
                && (
                    batch.Count == 0
                    || (
                        (batch.Count + 1) * sequences[next].Length <= _budget.Tokens
                        && (asked + sequences[next].Asked.Count) * vocabulary <= MostScores
                    )
                )
            )
            {
                asked += sequences[next].Asked.Count;
                batch.Add(sequences[next++]);
            }

            yield return batch;
        }
    }

    /// <summary>Runs a batch, in halves where memory ends.</summary>
    private float[] Run(List<Sequence> batch)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            var scores = Forward(batch);
            _budget.Took(batch.Count * batch[^1].Length, watch.Elapsed);
            return scores;
        }
        catch (Exception exception) when (batch.Count > 1 && OutOfMemory.Caused(exception) && _budget.Halve())
        {
            return [.. Run(batch[..(batch.Count / 2)]), .. Run(batch[(batch.Count / 2)..])];
        }
    }

    private float[] Forward(List<Sequence> batch)
    {
        using var _ = inference_mode();
        using var scope = NewDisposeScope();
        var (questions, first) = (new TokenScores(), 0);
        foreach (var sequence in batch)
        {
            foreach (var (_, place, token) in sequence.Asked)
            {
                questions.Ask(first + place, token);
            }

            first += sequence.Row.Written.Count + 1;
        }

        return questions.Answer(model, model.Read([.. batch.Select(sequence => sequence.Row)]));
    }
}
