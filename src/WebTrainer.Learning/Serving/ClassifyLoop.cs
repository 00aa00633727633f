using System.Collections.Concurrent;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Jobs;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Serving;

/// <summary>
/// Classifies for many requests at once: what has arrived for the same classifier goes through the layers together. A conversation is
/// answered by the label's text, a list of texts by labels with their probabilities, or by vectors of the encoder itself.
/// </summary>
internal sealed class ClassifyLoop(ClassifierSet classifiers) : IServeLoop
{
    /// <summary>
    /// Texts of one pass over the waiting requests; more wait for the next, so that a long list holds nobody up for long.
    /// </summary>
    private const int MostTexts = 512;

    private readonly BlockingCollection<PendingRequest> _incoming = [];
    private readonly LinkedList<(PendingRequest Pending, VectorWork Work)> _vectors = [];

    public void Enqueue(PendingRequest request) => _incoming.Add(request);

    public void Run(TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        using var _ = inference_mode();
        var waiting = new LinkedList<PendingWork>();
        while (
            !cancellationToken.IsCancellationRequested
            && (waiting.Count > 0 || _vectors.Count > 0 || Wait(waiting, idleTimeout, cancellationToken))
        )
        {
            while (_incoming.TryTake(out var more))
            {
                Accept(waiting, more);
            }

            if (waiting.First is { } first)
            {
                Answer(waiting, first.Value.Pending.Request.Model, cancellationToken);
            }

            if (_vectors.First is { } next)
            {
                AnswerByVectors(next);
            }
        }
    }

    private bool Wait(LinkedList<PendingWork> waiting, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        try
        {
            if (!_incoming.TryTake(out var pending, (int)idleTimeout.TotalMilliseconds, cancellationToken))
            {
                return false;
            }

            Accept(waiting, pending);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Puts a request in line, answers what can't be done, and forgets what is cancelled.</summary>
    private void Accept(LinkedList<PendingWork> waiting, PendingRequest pending)
    {
        var request = pending.Request;
        if (request.Cancel)
        {
            if (
                waiting.FirstOrDefault(work => work.Pending.Answer == pending.Answer && work.Pending.Request.Id == request.Id) is
                { } cancelled
            )
            {
                waiting.Remove(cancelled);
            }

            for (var node = _vectors.First; node is not null; node = node.Next)
            {
                if (node.Value.Pending.Answer == pending.Answer && node.Value.Pending.Request.Id == request.Id)
                {
                    _vectors.Remove(node);
                    break;
                }
            }

            return;
        }

        if (Refusal(request) is { } refusal)
        {
            pending.Answer(
                new GenerateChunk(request.Id, "", "error")
                {
                    Error = refusal,
                    Fault = request.Constraint is null ? RequestFault.Wrong : RequestFault.Constraint,
                }
            );
            return;
        }

        if (request.Vectors)
        {
            AcceptVectors(pending);
            return;
        }

        waiting.AddLast(new PendingWork(pending, classifiers.Use(request.Model)!.Encoder));
    }

    private void AcceptVectors(PendingRequest pending)
    {
        try
        {
            var (work, refusal) = VectorWork.Of(classifiers.UseEncoder(), pending.Request.Texts!);
            if (work is null)
            {
                pending.Answer(new GenerateChunk(pending.Request.Id, "", "error") { Error = refusal, Fault = RequestFault.TooLong });
                return;
            }

            _vectors.AddLast((pending, work));
        }
        catch (ModelFileException exception)
        {
            pending.Answer(new GenerateChunk(pending.Request.Id, "", "error") { Error = exception.Message, Fault = RequestFault.Wrong });
        }
    }

    /// <summary>One pass of those that came first, which then stand behind the others.</summary>
    private void AnswerByVectors(LinkedListNode<(PendingRequest Pending, VectorWork Work)> first)
    {
        var (pending, work) = first.Value;
        work.Go(classifiers.UseEncoder());
        _vectors.Remove(first);
        if (!work.IsDone)
        {
            _vectors.AddLast(first);
            return;
        }

        pending.Answer(
            new GenerateChunk(pending.Request.Id, "", "stop")
            {
                PromptTokens = work.Tokens,
                CompletionTokens = 0,
                Vectors = work.Vectors,
            }
        );
    }

    private string? Refusal(GenerateRequest request) =>
        request.Vectors
            ? request.Texts is { Count: > 0 }
                ? null
                : "Vectors are made of texts, and the request has none."
            : request.Constraint is not null
                ? "A classifier answers by its own labels; it can't be held to others."
                : request.Answers != 1
                    ? "A classifier has one answer to a text: ask without n."
                    : classifiers.Use(request.Model) is null
                        ? $"No classifier is called '{request.Model}' here."
                        : request is { Messages: null, Texts: null }
                            ? "A classifier needs messages or texts; it can't go on from a raw prompt."
                            : null;

    /// <summary>One pass over texts of the requests that ask this classifier, in the order in which they came.</summary>
    private void Answer(LinkedList<PendingWork> waiting, string name, CancellationToken cancellationToken)
    {
        var loaded = classifiers.Use(name)!;
        var parts = new List<(PendingWork Work, int Count)>();
        var room = MostTexts;
        foreach (var work in waiting.Where(work => string.Equals(work.Pending.Request.Model, name, StringComparison.Ordinal)))
        {
            var count = Math.Min(room, work.Rows.Count - work.Scores.Count);
            parts.Add((work, count));
            room -= count;
            if (room == 0)
            {
                break;
            }
        }

        List<TokenRow> rows = [.. parts.SelectMany(part => part.Work.Rows.Skip(part.Work.Scores.Count).Take(part.Count))];
        var scores = ClassifierScores.Of(loaded.Model, rows, loaded.PaddingId, progress: null, cancellationToken);
        var at = 0;
        foreach (var (work, count) in parts)
        {
            work.Scores.AddRange(scores[at..(at += count)]);
            if (work.Scores.Count == work.Rows.Count)
            {
                waiting.Remove(work);
                work.Finish(loaded);
            }
        }
    }

    /// <summary>A request under way.</summary>
    private sealed class PendingWork(PendingRequest pending, ClassifierEncoder encoder)
    {
        public PendingRequest Pending => pending;

        public IReadOnlyList<TokenRow> Rows { get; } =
            pending.Request switch
            {
                { Texts: { } texts } => [.. texts.Select((text, place) => encoder.Encode($"{place}", text.Text, text.Pair))],
                { Messages: { } messages } => [encoder.Encode("0", encoder.Input.TextOf(messages))],
                _ => [],
            };

        public List<float[]> Scores { get; } = [];

        public void Finish(LoadedClassifier loaded)
        {
            List<ClassifierAnswer> answers = [.. Scores.Select(scores => ClassifierAnswer.Of(loaded.Classifier, encoder.Labels, scores))];
            pending.Answer(
                new GenerateChunk(pending.Request.Id, pending.Request.Texts is null ? answers[0].Text : "", "stop")
                {
                    PromptTokens = Rows.Sum(row => row.Tokens.Length),
                    CompletionTokens = Rows.Count,
                    Classified = [.. answers.Zip(Rows, Ranked)],
                    Labels = encoder.Labels,
                    Trace = pending.Request.Trace
                        ? new TokenTrace { Rendered = encoder.Tokenizer.DecodeWhole(Rows[0].Tokens), Prompt = Rows[0].Tokens }
                        : null,
                }
            );
        }

        private ClassifiedText Ranked(ClassifierAnswer answer, TokenRow row)
        {
            int[] places =
            [
                .. Enumerable
                    .Range(0, encoder.Labels.Count)
                    .OrderByDescending(place => answer.Probabilities[place])
                    .Take(pending.Request.MostLabels ?? int.MaxValue),
            ];
            return new(
                answer.Text,
                places,
                encoder.Labels.Count == 0
                    ? [(float)answer.Probabilities[0]]
                    : [.. places.Select(place => (float)answer.Probabilities[place])],
                row.Truncated
            );
        }
    }
}
