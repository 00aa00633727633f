using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Jobs;

/// <summary>Judges the model under training on the validation split and writes out a few of its answers.</summary>
internal sealed class Validator
{
    /// <summary>Rows whose labels are chosen at a validation; a share of 512 rows is known to ±4 %, which steers a run well enough.</summary>
    private const int AccuracyRows = 512;
    private const int SampleTokens = 64;
    private readonly RunContext _context;
    private readonly TrainingSetup _setup;
    private readonly List<DatasetRow> _rows;
    private readonly List<TokenRow> _encoded;

    public Validator(RunContext context, TrainingSetup setup)
    {
        _context = context;
        _setup = setup;
        _rows = context.Spec.Data?.Validation is { } file ? DatasetReader.ReadRows(file, CancellationToken.None) : [];
        _encoded = [.. _rows.SelectMany(Objectives.Encoding(context.Spec, setup.Encoder))];
    }

    /// <returns>The loss in nats; null without validation rows.</returns>
    public double? Run(int step, CancellationToken cancellation)
    {
        if (_rows.Count == 0)
        {
            return null;
        }

        var (loss, accuracy) = _setup.Trainer.Objective is PreferenceObjective preferences
            ? preferences.Judge(_setup.Model, _encoded, _setup.PaddingId, cancellation)
            : (MeanLoss.Of(_setup.Model, _encoded, _setup.PaddingId, cancellation), Accuracy(cancellation));
        _context.Events.Write(new ValidationEvent(step, loss, accuracy));
        WriteSamples(step, cancellation);
        return loss;
    }

    private double? Accuracy(CancellationToken cancellation)
    {
        if (_context.Spec.Data?.Labels is not { Count: > 1 } labels)
        {
            return null;
        }

        // Every k-th row, because rows often come sorted by label.
        var stride = Math.Max(1, _rows.Count / AccuracyRows);
        List<DatasetRow> rows = [.. _rows.Where((_, index) => index % stride == 0).Take(AccuracyRows)];
        var answers = Answer(rows, labels, cancellation);
        return (double)rows.Zip(answers).Count(pair => Scorecard.IsRight(pair.First, pair.Second)) / rows.Count;
    }

    private IEnumerable<string> Answer(List<DatasetRow> rows, IReadOnlyList<string>? labels, CancellationToken cancellation)
    {
        var data = new OwnData([], rows, labels, General: null, SampleTokens);
        return new RequestRunner(_setup.Model, _setup.Encoder, journal: null)
            .Run([.. rows.Select(row => data.AnswerTo([.. row.Messages.SkipLast(1)]))], progress: null, cancellation).Select(response => response.Text);
    }

    private void WriteSamples(int step, CancellationToken cancellation)
    {
        var stride = Math.Max(1, _rows.Count / Math.Max(1, _context.Spec.Training.Samples));
        List<DatasetRow> rows = [.. _rows.Where((_, index) => index % stride == 0).Take(_context.Spec.Training.Samples)];
        if (rows.Count == 0)
        {
            return;
        }

        if (_context.Spec.Objective.Kind == ObjectiveKind.Text)
        {
            WriteContinuations(step, cancellation);
            return;
        }

        var answers = Answer(rows, labels: null, cancellation);
        foreach (var (row, answer) in rows.Zip(answers))
        {
            _context.Events.Write(new SampleEvent(step, row.Id, row.Messages[Math.Max(0, row.Messages.Count - 2)].Content, row.Messages[^1].Content, answer));
        }
    }

    /// <summary>Lets the model go on from the first half of some texts.</summary>
    private void WriteContinuations(int step, CancellationToken cancellation)
    {
        var tokenizer = _setup.Encoder.Tokenizer;
        foreach (var row in _encoded.Take(_context.Spec.Training.Samples))
        {
            var half = Math.Min(SampleTokens, row.Tokens.Length / 2);
            var written = GreedyGenerator.Generate(_setup.Model, [row.Tokens[..half]], SampleTokens, tokenizer.EndId, cancellation)[0];
            _context.Events.Write(new SampleEvent(step, row.Id, tokenizer.Decode(row.Tokens[..half]), tokenizer.Decode(row.Tokens[half..]), tokenizer.Decode(written)));
        }
    }
}
