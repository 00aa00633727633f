using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Judges the model under training on the validation split and writes out a few of its answers.</summary>
internal sealed class Validator
{
    private readonly JobContext<TrainSpec> _context;
    private readonly Learner _learner;
    private readonly List<DatasetRow> _rows;
    private readonly List<TokenRow> _encoded;

    public Validator(JobContext<TrainSpec> context, TrainingSetup setup)
    {
        _context = context;
        _learner = setup.Learner;
        _rows = context.Spec.Data?.Validation is { } file
            ? DatasetReader.ReadRows(file, CancellationToken.None, Objectives.TakesUnwanted(context.Spec))
            : [];
        _encoded = [.. _rows.SelectMany(setup.Tuning.Encode)];
    }

    /// <returns>Null without validation rows.</returns>
    public Validated? Run(int step, CancellationToken cancellationToken)
    {
        if (_rows.Count == 0)
        {
            return null;
        }

        var judged = _learner.Measure(_rows, _encoded, cancellationToken);
        _context.Events.Write(new ValidationEvent(step, judged.Loss, judged.Accuracy));
        WriteSamples(step, cancellationToken);
        return judged;
    }

    private void WriteSamples(int step, CancellationToken cancellationToken)
    {
        var stride = Math.Max(1, _rows.Count / Math.Max(1, _context.Spec.Training.Samples));
        List<DatasetRow> rows = [.. _rows.Where((_, index) => index % stride == 0).Take(_context.Spec.Training.Samples)];
        if (rows.Count == 0)
        {
            return;
        }

        foreach (var (row, prompt, expected, text) in _learner.Answer(rows, _encoded, cancellationToken))
        {
            _context.Events.Write(new SampleEvent(step, row.Id, prompt, expected, text));
        }
    }
}
