using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Lets a model go on from prompts, many at once, to a stop sequence, its own end, or a limit.</summary>
internal sealed class TextWriter(ILanguageModel model, ConversationEncoder encoder, PromptTokens tokens)
{
    private const int MaximumRows = 64,
        BatchTokens = 16384;

    /// <summary>One answer in the making.</summary>
    private sealed class Row(int request, TextRequest asked, IReadOnlyList<int> prompt, ConversationEncoder encoder)
    {
        private readonly TextStream _text = new(encoder.Tokenizer, asked.Stops);
        private readonly System.Text.StringBuilder _written = new();
        private readonly HashSet<int> _seen = [];
        private readonly Sampler _sampler = new(
            new SamplingSettings { Temperature = asked.Temperature, TopP = asked.TopP },
            unchecked((asked.Seed * 1_000_003) + asked.Sample)
        );

        public int Request => request;

        public IReadOnlyList<int> Prompt => prompt;

        public int Tokens { get; private set; }

        /// <summary>What is held back because a stop sequence might have begun is text after all when the answer ends without it.</summary>
        public ModelResponse Response() => new(_written.ToString() + _text.Finish(), 0, Tokens);

        /// <param name="logits">Scores of all tokens, overwritten by the sampler.</param>
        /// <param name="room">Tokens that the model has for the answer.</param>
        /// <param name="token">The one to go on with; 0 when the answer is over.</param>
        /// <returns>False when the answer is over.</returns>
        public bool Choose(Span<float> logits, int room, out int token)
        {
            token = 0;
            if (Tokens >= Math.Min(asked.MaxNewTokens, room))
            {
                return false;
            }

            token = _sampler.Choose(logits, _seen);
            if (encoder.EndIds.Contains(token))
            {
                return false;
            }

            Tokens++;
            _written.Append(_text.Add(token));
            return !_text.Stopped;
        }
    }

    /// <returns>Answers as their batches are done.</returns>
    public IEnumerable<IReadOnlyList<(int Request, ModelResponse Response)>> Answer(
        IReadOnlyList<TextRequest> requests,
        CancellationToken cancellationToken
    )
    {
        model.Training = false;
        var rows = requests
            .Select((request, i) => new Row(i, request, Fit(tokens.Of(request.Prompt), request.MaxNewTokens), encoder))
            .OrderBy(row => row.Prompt.Count)
            .ToList();
        for (var next = 0; next < rows.Count; )
        {
            var batch = new List<Row>();
            while (
                next < rows.Count
                && batch.Count < MaximumRows
                && (batch.Count == 0 || (batch.Count + 1) * rows[next].Prompt.Count <= BatchTokens)
            )
            {
                batch.Add(rows[next++]);
            }

            Write(batch, cancellationToken);
            yield return [.. batch.Select(row => (row.Request, row.Response()))];
        }
    }

    private void Write(List<Row> batch, CancellationToken cancellationToken)
    {
        using var _ = inference_mode();
        using var scope = NewDisposeScope();
        var active = batch.ToList();
        var (decoding, logits) = DecodingBatch.Start(model, [.. batch.Select(row => row.Prompt)]);
        using var __ = decoding;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (chosen, going) = Choose(active, logits);
            logits.Dispose();
            if (going.Count == 0)
            {
                return;
            }

            if (going.Count < active.Count)
            {
                decoding.Keep(going);
                active = [.. going.Select(row => active[row])];
            }

            logits = decoding.Step(chosen);
        }
    }

    private (List<int> Chosen, List<int> Going) Choose(List<Row> active, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var scores = logits.cpu().contiguous();
        var (chosen, going) = (new List<int>(), new List<int>());
        for (var row = 0; row < active.Count; row++)
        {
            if (active[row].Choose(Logits.Row(scores, row), model.Config.AnswerRoom(active[row].Prompt.Count), out var token))
            {
                chosen.Add(token);
                going.Add(row);
            }
        }

        return (chosen, going);
    }

    /// <summary>The prompt's right end, with room for an answer.</summary>
    private List<int> Fit(List<int> prompt, int maxNewTokens)
    {
        var context = model.Config.ContextTokens;
        return [.. prompt.TakeLast(Math.Max(1, model.Config.PromptRoom(Math.Min(maxNewTokens, context / 2))))];
    }
}
